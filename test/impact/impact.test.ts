import assert from "node:assert/strict";
import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { parse } from "csv-parse/sync";
import type { BatchPlan } from "../../keeper/domain/cycle.ts";
import { TonsorError } from "../../keeper/domain/errors.ts";
import type { Position } from "../../keeper/domain/position.ts";
import { impactOf, isLiquidatable, landingBps, overBudget } from "../../keeper/impact/impact.ts";
import { type ImpactParts, impactGate } from "../../keeper/impact/impactGate.ts";
import { readPositionsFile } from "../../keeper/impact/positions.ts";
import { writeImpact } from "../../keeper/impact/report.ts";
import { parseConfigFile } from "../../keeper/runtime/configFile.ts";
import { dataFolder } from "../../scripts/lab/dataFolder.ts";
import { calmMarket } from "../support/onChain.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

const position = (account: string, debtUsd: number, marketId = 1): Position => ({
  protocol: "lender",
  account,
  marketId,
  collateralUsd: 1_000,
  debtUsd,
});
/** Effective 18 %, on its way to 19 %, to be sent to 22 %. Liquidatable at 18 %: above 820; 19 %: 810; 22 %: 780. */
const move = { marketId: 1, effectiveBps: 1_800, targetBps: 1_900, newTargetBps: 2_200, landingBps: 1_801 };
const book = [
  position("already", 821),
  position("at landing", 819.95),
  position("on the way", 815),
  position("added", 790),
  position("safe", 780),
  position("elsewhere", 999, 2),
];
const names = (of: { readonly positions: readonly Position[] }) => of.positions.map(({ account }) => account);

test("a position is liquidatable when its debt is more than maintenance leaves, not when it is equal", () => {
  assert.deepEqual(
    [isLiquidatable(position("a", 800), 2_000), isLiquidatable(position("a", 800.01), 2_000)],
    [false, true],
  );
  assert.equal(isLiquidatable({ ...position("a", 0), collateralUsd: 0 }, 10_000), false);
});

test("positions fall into those that are, that will be at landing, at the end, and that this update adds", () => {
  const impact = impactOf(move, book);
  assert.deepEqual(names(impact.already), ["already"]);
  assert.deepEqual(names(impact.now), ["at landing"]);
  assert.deepEqual(names(impact.end), ["at landing", "on the way", "added"]);
  assert.deepEqual(names(impact.added), ["added"]);
  assert.equal(impact.all.positions.length, 5);
  assert.equal(impact.end.debtUsd, 819.95 + 815 + 790);
});

test("the budget is a sum of debt and a share of it, each to the last dollar", () => {
  const impact = impactOf(move, book);
  const debt = impact.end.debtUsd;
  const share = (debt / impact.all.debtUsd) * 100;
  const over = (maxDebtUsd: number, maxDebtPercent: number) => overBudget(impact, { maxDebtUsd, maxDebtPercent });
  assert.equal(over(debt, share), null);
  assert.match(over(debt - 0.01, 100) ?? "", /^3 positions with 2425 USD of debt .* from 1800 to 2200 bp; allowed/);
  assert.match(over(1e9, share - 0.01) ?? "", /allowed are 1000000000 USD/);
});

test("what raises initial alone, keeps the target, or lowers it is never over the budget", () => {
  const none = { maxDebtUsd: 0, maxDebtPercent: 0 };
  for (const newTargetBps of [1_900, 1_850, 1_700]) {
    assert.equal(overBudget(impactOf({ ...move, newTargetBps }, book), none), null, `${newTargetBps}`);
  }
  assert.notEqual(overBudget(impactOf({ ...move, newTargetBps: 1_901 }, book), none), null);
});

test("by the landing maintenance moves as far as its speed, and never past its target or down", () => {
  assert.deepEqual(
    [landingBps(1_800, 2_000, 300, 300), landingBps(1_800, 1_800, 300, 300), landingBps(1_800, 1_700, 300, 300)],
    [1_801, 1_800, 1_800],
  );
  // A basis point in 8640 s at 300 in 30 days.
  assert.deepEqual([landingBps(1_800, 2_000, 300, 8_640), landingBps(1_800, 2_000, 300, 8_641)], [1_801, 1_802]);
  assert.equal(landingBps(1_800, 2_000, 300, 30 * 86_400), 2_000);
});

const valuation: Parameters<typeof readPositionsFile>[1] = new Map([["WETH", { marketId: 1, priceUsd: 2_000 }]]);
const file = (content: unknown): string => {
  const path = join(temporaryFolder(), "positions.json");
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
};
const sample = (one: object) => ({
  schema: "tonsor.positions.v1",
  source: "indexer",
  time: 1_769_572_800,
  positions: [{ protocol: "aave", account: "0x1", market: "WETH", debtUsd: 900, ...one }],
});

test("a file's amounts are valued at the present price, its dollars stand, and other markets are left out", async () => {
  const read = async (one: object) => (await readPositionsFile(file(sample(one)), valuation)).positions;
  assert.deepEqual(await read({ collateralAmount: 2 }), [
    { protocol: "aave", account: "0x1", marketId: 1, collateralUsd: 4_000, debtUsd: 900 },
  ]);
  assert.equal((await read({ collateralUsd: 5 }))[0]?.collateralUsd, 5);
  assert.deepEqual(await read({ market: "DOGE", collateralUsd: 5 }), []);
});

test("a file that is missing, no JSON, of another form or without a price is refused with the field", async () => {
  const refused = async (path: string, words: RegExp, prices = valuation) =>
    assert.rejects(readPositionsFile(path, prices), (error: unknown) => {
      assert.ok(error instanceof TonsorError && error.code === "BAD_FILE");
      return words.test(error.message);
    });
  await refused(
    "/nonexistent/positions.json",
    /positions\.json cannot be read; field impact.positionsFile; given "no such file"; expected a book/,
  );
  await refused(file("{"), /not JSON/);
  const large = file("{}");
  truncateSync(large, 16 * 1_048_576 + 1);
  await refused(large, /cannot be read;.*given "16777217 bytes, at most 16777216"/);
  await refused("/dev/zero", /cannot be read;.*given "not a file"/);
  await refused(file(sample({ collateralUsd: -1 })), /positions.0.collateralUsd; given -1;/);
  await refused(file(sample({ collateralUsd: 1, collateralAmount: 1 })), /positions.0; given .*; expected one of/);
  await refused(file({ ...sample({ collateralUsd: 1 }), extra: 1 }), /not of the form/);
  const blind = new Map([["WETH", { marketId: 1, priceUsd: null }]]);
  await refused(
    file(sample({ collateralAmount: 1 })),
    /no price for WETH; field positions.0.collateralAmount; given 1;/,
    blind,
  );
});

test("the report has the sums of all and at most a hundred names, and says what is held and why", async () => {
  const many = Array.from({ length: 150 }, (_, i) => position(`a${i}`, 790 + i / 100));
  const impact = impactOf(move, many);
  const facts = {
    evidence: null,
    calldataHash: null,
    time: 1_769_572_800,
    blockNumber: 7n,
    budget: { maxDebtUsd: 1, maxDebtPercent: 2 },
    books: [{ source: "indexer", time: 1_769_572_790, positions: many }],
    problems: ["the other one is down"],
    markets: [{ market: "WETH", impact, held: "IMPACT_OVER_BUDGET: too much" }],
  };
  const folder = temporaryFolder();
  await writeImpact(folder, "tick-1", facts);
  const [market] = JSON.parse(readFileSync(join(folder, "tick-1.json"), "utf8")).markets;
  assert.deepEqual(
    [market?.end.count, market?.end.listed.length, market?.held],
    [150, 100, "IMPACT_OVER_BUDGET: too much"],
  );
  const text = readFileSync(join(folder, "tick-1.md"), "utf8");
  assert.match(text, /\| WETH \| 1800 -> 2200 \(was 1900\) \| 150 \(118,\d+\) \| 0 \(0\) \| 0 \(0\) \| 150/);
  assert.match(text, /WETH is held.\*\* IMPACT_OVER_BUDGET: too much/);
  assert.match(text, /not read: the other one is down/);
});

test("IMPACT.md has the settings with their defaults", () => {
  const text = readFileSync(new URL("../../keeper/impact/IMPACT.md", import.meta.url), "utf8");
  const rows = [...text.matchAll(/^\| `(\w+)` \| (\S+) \|/gm)].map(([, name, standard]) => [name, standard]);
  const defaults = Object.entries(parseConfigFile("", {}).settings.impact);
  assert.deepEqual(
    rows,
    defaults.map(([name, value]) => [name, JSON.stringify(value)]),
  );
});

const folder = dataFolder();
test("of real Aave positions of June 2023 a raise reaches exactly those that the plain loop finds", {
  skip: folder === null,
}, () => {
  const bytes = gunzipSync(readFileSync(join(folder ?? "", "positions", "lido_2023-06_steth_aave_v3.csv.gz")));
  const rows = parse(bytes, { columns: true }) as Record<string, string>[];
  const real = rows.map((row) => ({
    protocol: "aave-v3",
    account: row["user"] ?? "",
    marketId: 1,
    collateralUsd: Number(row["collateral"]),
    debtUsd: Number(row["debt"]),
  }));
  const wide = { marketId: 1, effectiveBps: 700, targetBps: 700, newTargetBps: 2_500, landingBps: 701 };
  const impact = impactOf(wide, real);
  const reached = real.filter(
    (one) => one.debtUsd > one.collateralUsd * 0.75 && !(one.debtUsd > one.collateralUsd * 0.93),
  );
  assert.equal(impact.end.positions.length, reached.length);
  assert.ok(reached.length > 10 && reached.length < real.length, `${reached.length} of ${real.length}`);
});

test("the gate tells what the positions of each market came to, or why that is not known", async () => {
  const onChain = { ...calmMarket(0), marketId: 1, maintenanceBps: 1_800, maintenanceTargetBps: 1_900 };
  const entry = {
    input: { market: { name: "WETH" }, onChain },
    assessment: { decision: { maintenanceTargetBps: 1_900 }, readings: { priceUsd: 2_000 } },
  };
  const plan = { now: 1_769_572_800, chain: { blockNumber: 7n, blockTime: 1_769_572_800 }, entries: [entry] };
  const weighed = async (positionsFile: string | null) => {
    const settings = { ...parseConfigFile("", {}).settings.impact, positionsFile };
    const parts = { settings, folder: temporaryFolder(), deadlineSeconds: 300 } as unknown as ImpactParts;
    return (await impactGate(parts)(plan as unknown as BatchPlan)).weighed?.[0];
  };
  const near = { protocol: "aave", account: "0x2", market: "WETH", collateralUsd: 1_000, debtUsd: 815 };
  const content = sample({ collateralUsd: 1_000, debtUsd: 821 });
  const both = file({ ...content, positions: [...content.positions, near, { ...near, debtUsd: 700 }] });
  const sums = { market: "WETH", collateralUsd: 3_000, debtUsd: 2_336 };
  assert.deepEqual(await weighed(both), { ...sums, atRiskUsd: 821 + 815, why: null });
  assert.equal((await weighed(null))?.why, "neither the record nor the impact settings name positions");
  assert.match((await weighed("/nonexistent.json"))?.why ?? "", /^not read: .*cannot be read/);
});

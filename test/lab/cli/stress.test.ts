import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { readScenario, shippedScenarios } from "../../../scripts/lab/stress/readScenario.ts";
import { documentedFields, fieldPaths, leaves } from "../../cli/fieldPaths.ts";
import { dataFolder } from "../../support/data.ts";
import { calmBundle, storeBundle } from "../../support/storedEvidence.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { lab } from "./harness.ts";

const NOW = 1_770_000_000;
const folder = temporaryFolder();
let file = "";
before(async () => {
  file = join(folder, `${await storeBundle(folder, calmBundle(NOW))}.json.gz`);
});

/** `lab stress` in this process; FILE is the stored evidence. */
function stressed(line: string) {
  return lab(`stress ${line.replace("FILE", file)}`);
}

function book(content: unknown): string {
  const path = join(folder, "positions.json");
  writeFileSync(path, JSON.stringify(content));
  return path;
}

/** Ether at 3000 dollars: one position that only a fall reaches, one that maintenance alone will, one that nothing does. */
const POSITIONS = {
  schema: "tonsor.positions.v1",
  source: "test",
  time: NOW,
  positions: [
    { protocol: "p", account: "falls", market: "WETH", collateralUsd: 1_000_000, debtUsd: 700_000 },
    { protocol: "p", account: "ramp", market: "WETH", collateralAmount: 100, debtUsd: 263_800 },
    { protocol: "p", account: "safe", market: "WETH", collateralUsd: 1_000_000, debtUsd: 100_000 },
    { protocol: "p", account: "other", market: "WBTC", collateralUsd: 1_000_000, debtUsd: 990_000 },
  ],
};

const SHIPPED = fileURLToPath(new URL("../../../scripts/lab/stress/scenarios", import.meta.url));

test("stress shows every shipped scenario for all markets of the evidence, with losses and what the contract shows", async () => {
  const { code, out, err } = await stressed("--evidence FILE");
  assert.equal(code, 0, err);
  const names = shippedScenarios();
  assert.ok(names.length >= 9 && names.includes("as-it-is"));
  for (const name of names) {
    assert.match(out, new RegExp(`^${name} +WETH +[\\d.]+ % `, "m"));
    assert.equal(
      out.match(new RegExp(`^${name} +[\\d.]+ % +[\\d.]+ % +[\\d.]+ % +12\\.0\\d %`, "gm"))?.length,
      2,
      name,
    );
    const { summary } = readScenario(join(SHIPPED, `${name}.json`));
    assert.ok(out.replaceAll(/\n +/g, " ").includes(summary), summary);
  }
  assert.match(out, /^price-falls .* 12\.00 % +[\d.]+ % +12\.10 %$/m);
  assert.deepEqual(
    out.split("\n").filter((line) => line.length > 100),
    [],
  );
});

test("a shipped scenario is a user's scenario: the same file gives the same answer", async () => {
  const run = (line: string) => stressed(`${line} --evidence FILE --markets WETH --json`);
  const path = join(SHIPPED, "combined.json");
  const [shipped, own] = await Promise.all([run("combined"), run(`--scenario ${path}`)]);
  assert.equal(shipped.code, 0, shipped.err);
  assert.equal(own.out, shipped.out);
  const main = fileURLToPath(new URL("../../../scripts/lab/main.ts", import.meta.url));
  const words = [main, "stress", "--scenario", "-", "--evidence", file, "--markets", "WETH", "--json"];
  const piped = spawnSync(process.execPath, words, { input: readFileSync(path), encoding: "utf8", cwd: folder });
  assert.equal(piped.status, 0, piped.stderr);
  assert.equal(piped.stdout.replace('"scenario": "given"', '"scenario": "combined"'), shipped.out);
});

test("evidence under another name and unpacked, as a keeper answers it, gives the same", async () => {
  const plain = join(folder, "batch.json");
  writeFileSync(plain, gunzipSync(readFileSync(file)));
  const line = "price-falls --markets wbtc --json --evidence";
  const [stored, answered] = [await stressed(`${line} FILE`), await stressed(`${line} ${plain}`)];
  assert.equal(stored.code, 0, stored.err);
  assert.equal(JSON.parse(stored.out).evidence, basename(file, ".json.gz"));
  assert.deepEqual(
    JSON.parse(stored.out).markets.map(({ market }: { market: string }) => market),
    ["WBTC"],
  );
  assert.equal(answered.out, stored.out);
});

test("stress --book plays its accounts, and tells what the price alone liquidates from what the ramp will", async () => {
  const line = `as-it-is price-falls --markets WETH --evidence FILE --book ${book(POSITIONS)} --json`;
  const { code, out, err } = await stressed(line);
  assert.equal(code, 0, err);
  const report = JSON.parse(out);
  assert.deepEqual(report.book, { source: "test", time: NOW, positions: 3 });
  const [calm, fallen] = report.scenarios;
  const none = { positions: 0, debtUsd: 0 };
  const ramp = { positions: 1, debtUsd: 263_800 };
  const positionsOf = (one: { markets: { keeper: { liquidatable: unknown } }[] }) =>
    one.markets[0]?.keeper.liquidatable;
  assert.deepEqual(positionsOf(calm), { byPrice: none, afterHour: none, afterDay: ramp, atTarget: ramp });
  const both = { positions: 2, debtUsd: 963_800 };
  assert.deepEqual(positionsOf(fallen), { byPrice: both, afterHour: both, afterDay: both, atTarget: both });
  // As it is, the ramp is the cause; the position is then sold, for the pool is deep.
  assert.deepEqual([calm.total.debtUsd, calm.total.dueUsd, calm.total.causedUsd], [1_063_800, 0, 263_800]);
  assert.ok(calm.total.liquidatedUsd > 0 && calm.total.badDebtUsd === 0);
  assert.ok(fallen.total.dueUsd === 963_800 && fallen.total.badDebtUsd > 10_000);
  const csv = join(folder, "stress.csv");
  // A scenario that has a fault and a fall.
  const full = await stressed(
    `combined --reverse 5% --evidence FILE --book ${book(POSITIONS)} --capital 1e9 --csv ${csv} --json`,
  );
  assert.equal(full.code, 0, full.err);
  assert.deepEqual(fieldPaths(JSON.parse(full.out)), leaves(documentedFields("scripts/lab/cli/JSON.md", "stress")));
  const [{ reverse }] = JSON.parse(full.out).scenarios;
  assert.ok(reverse.loss >= reverse.wantedUsd && reverse.lossBelow < reverse.wantedUsd);
  const [header, ...rows] = readFileSync(csv, "utf8").trimEnd().split("\n");
  assert.equal(rows.length, 4);
  assert.ok(rows.every((row) => row.split(",").length === header?.split(",").length));
  assert.ok(rows[0]?.startsWith("combined,WETH,"));
});

test("stress answers wrong words and files with one error that says what was expected", async () => {
  const mine = join(folder, "mine.json");
  writeFileSync(mine, JSON.stringify({ summary: "s", markets: { DOGE: { priceFall: 0.5 } } }));
  const under = { ...POSITIONS, positions: [{ ...POSITIONS.positions[0], debtUsd: 1_000_001 }] };
  const cases = [
    ["price-rises --evidence FILE", /unknown scenario\n.*given "price-rises", expected some of as-it-is, /],
    [
      `--scenario ${mine} --evidence FILE`,
      /names a market that there is not\n.*field markets\.DOGE, .*expected some of WETH/,
    ],
    [
      "--markets DOGE --evidence FILE",
      /UNKNOWN_MARKET: .* has no such market\n.*given "DOGE", expected one of WETH, WBTC/,
    ],
    ["--markets DOGE --present", /UNKNOWN_MARKET: unknown market\n.*expected one of WETH, WBTC/],
    ["--evidence none.json.gz", /BAD_FILE: none\.json\.gz cannot be read\n.*field --evidence, given "no such file"/],
    [
      "--evidence FILE --book none.json",
      /BAD_FILE: \S*none\.json cannot be read\n {2}field --book, given "no such file", expected a book of positions/,
    ],
    [`--evidence FILE --book ${folder}`, /field --book, given "not a file", expected a book of positions/],
    [`--evidence FILE --book ${mine}`, /not of the form of positions\n {2}field schema, given "nothing"/],
    ["--evidence FILE --reverse 0%", /not a loss\n.*field --reverse, given "0%", expected a share/],
    [
      `--evidence FILE --book ${book(under)}`,
      /field debtUsd of falls, given 1000001, expected at most its collateral, 1000000 USD/,
    ],
  ] as const;
  for (const [line, pattern] of cases) {
    const { code, out, err } = await stressed(line);
    assert.equal(code, 1, line);
    assert.equal(out, "");
    assert.match(err, pattern);
  }
  const empty = book({ ...POSITIONS, positions: POSITIONS.positions.slice(3) });
  const { code, err } = await stressed(`--markets WETH --evidence FILE --book ${empty}`);
  assert.equal(code, 1);
  assert.match(err, /field positions, given 0, expected a position of WETH/);
});

const recordings = dataFolder();
test("stress needs no keeper for recorded assets", { skip: recordings === null && "no recorded data" }, async () => {
  const line = `price-falls --markets ETH,BTC --at 2025-06-01 --reverse 1% --data ${recordings} --json`;
  const { code, out, err } = await stressed(line);
  assert.equal(code, 0, err);
  const { markets, scenarios } = JSON.parse(out);
  assert.match(markets[0].source, /^book of ETH up to 2025-0/);
  const [{ total, reverse, markets: rows }] = scenarios;
  assert.equal(rows[0].keeper, null);
  assert.equal(total.accounts, 200);
  assert.ok(reverse.bps > 500 && reverse.bps < 3_000, `${reverse.bps}`);
  assert.ok(Math.abs(reverse.wantedUsd - total.debtUsd / 100) < 0.01);
  assert.equal(reverse.falls[0], reverse.falls[1]);
  const apart = await stressed(`price-falls --markets WBTC,BTC --data ${recordings}`);
  assert.match(apart.err, /were not recorded together\n.*field --at, .*for instance --at 2023-12-30/);
});

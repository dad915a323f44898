import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { forkJson } from "../../../scripts/lab/cli/render/fork.ts";
import { simulate } from "../../../scripts/lab/fork/fork.ts";
import { putLenders } from "../../../scripts/lab/fork/lenders.ts";
import type { Moment } from "../../../scripts/lab/fork/pricePath.ts";
import type { ForkReport } from "../../../scripts/lab/fork/report.ts";
import { recordedSource } from "../../../scripts/lab/replay/recordedSource.ts";
import { spawnAnvil } from "../../../scripts/lab/replica/anvil.ts";
import { replicaClient } from "../../../scripts/lab/replica/node.ts";
import { startReplica } from "../../../scripts/lab/replica/startReplica.ts";
import { documentedFields, fieldPaths } from "../../cli/fieldPaths.ts";
import { compiled } from "../../support/compiled.ts";
import { dataFolder } from "../../support/data.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { lab } from "../cli/harness.ts";
import { boards, crossedAtTheLimit, forkSettings, priceJump, thresholdJump } from "./support.ts";

const BOARDS = boards(1, 19);
const LAST = BOARDS.at(-1) as Moment;
/** The crash, and then more than any borrower's collateral bears, within an hour: both lenders are left with bad debt. */
const MOMENTS: readonly Moment[] = [
  ...BOARDS,
  { time: LAST.time + 3_600, board: false, prices: { WETH: LAST.prices.WETH / 3, WBTC: LAST.prices.WBTC / 3 } },
];

let report: ForkReport;
before(async () => {
  await compiled();
  report = await simulate(forkSettings(1, MOMENTS));
});

const runs = () => [report.without, report.with] as const;

test("Every token and both lenders' books are conserved to the last unit, before and after either run.", () => {
  const checks = [...report.before, ...runs().flatMap(({ checks }) => checks)];
  assert.deepEqual(
    checks.filter(({ holds }) => !holds),
    [],
  );
  const named = (part: string) => checks.filter(({ what }) => what.includes(part)).length;
  for (const part of ["WETH: balances", "USDC: balances", "aWETH", "debt in USDC", "collateral = what it holds"]) {
    assert.ok(named(part) >= 3, `${part}: three times`);
  }
});

test("The crash liquidates at both lenders, and every liquidation is a call and a sale by a liquidator.", () => {
  for (const run of runs()) {
    assert.ok(run.lenders.every(({ liquidations }) => liquidations > 0));
    const sent = (call: string) => run.transactions.filter((one) => one.call === call).length;
    assert.equal(sent("liquidationCall") + sent("liquidate"), run.liquidations.length);
    assert.equal(sent("exactInput"), run.liquidations.length);
    assert.ok(run.transactions.every(({ ok }) => ok));
    assert.ok(
      run.liquidators.every(({ earnedUsd }) => earnedUsd >= 0),
      "nobody liquidates at a loss",
    );
  }
});

test("Bad debt is there, and is what the lenders' own books and account data say.", () => {
  for (const { lenders, checks, liquidations } of runs()) {
    for (const { lender, writtenOffUsd } of lenders) {
      assert.ok(writtenOffUsd > 0, `${lender} writes off debt`);
      const rows = liquidations.filter((row) => row.lender === lender);
      const events = rows.reduce((sum, { badDebtUsd }) => sum + badDebtUsd, 0);
      assert.ok(Math.abs(events - writtenOffUsd) < 1e-3);
    }
    const books = checks.filter(({ what }) => /bad debt in its books|getUserAccountData/.test(what));
    assert.deepEqual(
      books.map(({ holds, left }) => [holds, left !== "0"]),
      books.map(() => [true, true]),
    );
    assert.equal(books.length, 3);
  }
});

test("The keeper moves what the lenders lend against, and only where it is in the loop.", () => {
  const ltvs = ({ timeline }: ForkReport["with"]) => new Set(timeline.map(({ ltvBps }) => ltvBps["aave WETH"]));
  assert.equal(ltvs(report.without).size, 1);
  const drives = ({ transactions }: ForkReport["with"]) => transactions.filter(({ to }) => to === "AaveV3Agent");
  assert.deepEqual(drives(report.without), []);
  assert.deepEqual(
    new Set(drives(report.with).map(({ from, call }) => `${from}: ${call}`)),
    new Set(["keeper: multicall"]),
  );
  assert.equal(drives(report.with).length, report.with.syncs);
  assert.ok(report.with.updates > 0 && report.with.syncs > 0);
  assert.deepEqual(report.with.failures, []);
});

test("Every batch is in force at Aave in the cycle that decided it, blocks after; at Morpho Blue none ever is.", () => {
  const { arrivals, updates, checks } = report.with;
  const of = (lender: string) => arrivals.filter((one) => one.lender === lender);
  assert.deepEqual([of("Aave v3.6").length, of("Morpho Blue").length], [updates, updates]);
  for (const { ticks, decidedBlock, batchBlock, inForceBlock } of of("Aave v3.6")) {
    assert.ok(ticks === 1 && decidedBlock < batchBlock && batchBlock <= (inForceBlock ?? 0));
    assert.ok((inForceBlock ?? 0) - decidedBlock <= 2, "the batch's block, and the next one");
  }
  assert.ok(of("Aave v3.6").some(({ batchBlock, inForceBlock }) => inForceBlock !== batchBlock));
  assert.ok(of("Morpho Blue").every(({ inForceBlock, ticks }) => inForceBlock === null && ticks === null));
  for (const part of ["within one tick", "by the keeper through the agent", "books that the keeper read"]) {
    const [one, ...more] = checks.filter(({ what }) => what.includes(part));
    assert.deepEqual([one?.holds, one?.left !== "0", more], [true, true, []], part);
  }
  assert.deepEqual([report.without.arrivals, report.with.held], [[], []]);
});

test("The documented fields of fork are its own.", () => {
  const fields = fieldPaths(forkJson({ report, files: ["fork.html"] }));
  assert.deepEqual(fields, documentedFields("scripts/lab/cli/JSON.md", "fork"));
});

test("A fork of a chain that has mainnet's lenders comes to the same liquidations through them.", async (t) => {
  const first = MOMENTS[0]?.time ?? 0;
  const replica = await startReplica({ chainId: 1, timestamp: first - 6 * 86_400, seedFrom: null });
  t.after(() => replica.close());
  await putLenders(replicaClient(replica.url, 1), replica.accounts);
  const choice = { first, fork: { url: replica.url, block: null }, seedFrom: null };
  const forked = await simulate(forkSettings(1, MOMENTS, { choice }));
  assert.match(forked.origins.join("; "), /Aave v3.6: the one of the forked.*Morpho Blue: the one of the forked/);
  const who = ({ liquidations }: ForkReport["with"]) =>
    liquidations.map(({ lender, borrower }) => `${lender} ${borrower}`);
  assert.deepEqual([who(forked.without), who(forked.with)], [who(report.without), who(report.with)]);
  assert.deepEqual(
    [forked.without, forked.with].flatMap(({ checks }) => checks.filter(({ holds }) => !holds)),
    [],
  );
});

test("A chain that is later than what is played, or lacks mainnet's tokens, is refused with what was expected.", async (t) => {
  const replica = await startReplica({ chainId: 1, seedFrom: null });
  t.after(() => replica.close());
  const choice = { first: MOMENTS[0]?.time ?? 0, fork: { url: replica.url, block: null }, seedFrom: null };
  await assert.rejects(
    simulate(forkSettings(1, MOMENTS, { choice })),
    /--block.*expected a block at or before 2026-01-24/,
  );
  const bare = await spawnAnvil({ chainId: 1, timestamp: 1_700_000_000 });
  t.after(() => bare.close());
  const other = { ...choice, fork: { url: bare.url, block: null } };
  await assert.rejects(
    simulate(forkSettings(1, MOMENTS, { choice: other })),
    /no WETH.*expected a chain with mainnet's/,
  );
});

test("No update makes a borrower at the limit liquidatable in its block at an unmoved price; a jump at either lender would.", async () => {
  const [keeper, aave, morpho] = await crossedAtTheLimit(1, [thresholdJump, priceJump]);
  assert.equal(keeper, 0);
  assert.ok((aave ?? 0) > 0, "a threshold that falls below a loan is counted");
  assert.ok((morpho ?? 0) > 0, "a price that falls by five basis points is counted");
});

test("With --from the recorded boards are played at their index, by borrowers of the recorded shape.", {
  skip: dataFolder() === null && "no recordings",
}, async () => {
  const out = join(temporaryFolder(), "recorded");
  const words = "--from 2026-01-28 --hours 9 --step-hours 4 --borrowers 6 --json";
  const { out: text, err, code } = await lab(`fork ${words} --out ${out}`);
  assert.equal(code, 0, err);
  assert.ok(JSON.parse(text).checks.failed.length === 0);
  const { assumptions } = JSON.parse(readFileSync(join(out, "fork.json"), "utf8"));
  assert.match(assumptions["shape of the book"], /^[1-9]\d+ recorded borrowers$/);
  assert.equal(assumptions.data, "recorded");
  const timeline = readFileSync(join(out, "timeline.csv"), "utf8").trimEnd().split("\n").slice(1);
  const played = timeline.map((line) => line.split(",")).filter(([run]) => run === "with");
  const source = recordedSource(dataFolder() as string);
  const boards = played.filter(([, , board]) => board === "true");
  assert.ok(boards.length > 0 && boards.length < played.length, "boards, and a candle between");
  for (const [, time = "", , price = ""] of boards) {
    const index = source.board("ETH", Number(time))?.rows[0]?.index;
    assert.ok(Math.abs(Number(price) / (index as number) - 1) < 1e-6, time);
  }
});

test("The same seed gives the same report, another seed another.", async () => {
  const small = (seed: number) => simulate(forkSettings(seed, boards(seed, 35).slice(0, 2), { borrowers: 6 }));
  const [first, again, other] = [await small(1), await small(1), await small(2)];
  assert.equal(again.hash, first.hash);
  assert.notEqual(other.hash, first.hash);
});

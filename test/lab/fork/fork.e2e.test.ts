import assert from "node:assert/strict";
import { before, test } from "node:test";
import { forkJson } from "../../../scripts/lab/cli/render/fork.ts";
import { type ForkSettings, simulate } from "../../../scripts/lab/fork/fork.ts";
import { momentsOf } from "../../../scripts/lab/fork/pricePath.ts";
import type { ForkReport } from "../../../scripts/lab/fork/report.ts";
import { CRASH_END, CRASH_START } from "../../../scripts/lab/replay/generated/crashScenario.ts";
import { generatedSource } from "../../../scripts/lab/replay/generatedSource.ts";
import { documentedFields, fieldPaths } from "../../cli/fieldPaths.ts";
import { compiled } from "../../support/compiled.ts";

const SEED = 1;
const source = generatedSource(SEED);
/** Every ninth board of the whole crash: few steps, each a large one. */
const moments = momentsOf(source, { from: CRASH_START, to: CRASH_END, stepHours: 24, flat: false }).filter(
  ({ board }, i, all) => board && all.slice(0, i).filter((one) => one.board).length % 9 === 0,
);

function settings(borrowers: number): ForkSettings {
  return {
    ...{ source, moments, seed: SEED, borrowers, lateShare: 0.2, rows: null },
    choice: { first: moments[0]?.time ?? 0, fork: null, seedFrom: null },
    play: {
      feed: { deviation: 0.005, heartbeatSeconds: 3_600, delaySeconds: 120 },
      liquidators: { count: 3, capitalUsd: 2_000_000, gasGwei: 20 },
      refillSeconds: 1_800,
    },
    onNote: () => {},
    progress: () => {},
  };
}

let report: ForkReport;
before(async () => {
  await compiled();
  report = await simulate(settings(24));
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

test("The keeper moves what the lenders lend against, and only where it is in the loop.", () => {
  const ltvs = ({ timeline }: ForkReport["with"]) => new Set(timeline.map(({ ltvBps }) => ltvBps["aave WETH"]));
  assert.equal(ltvs(report.without).size, 1);
  assert.ok(ltvs(report.with).size > 1);
  assert.ok(report.with.updates > 0 && report.with.syncs > 0);
  assert.deepEqual(report.with.failures, []);
});

test("The documented fields of fork are its own.", () => {
  const fields = fieldPaths(forkJson({ report, files: ["fork.html"] }));
  assert.deepEqual(fields, documentedFields("scripts/lab/cli/JSON.md", "fork"));
});

test("The same settings give the same report, to the byte.", async () => {
  const again = await simulate(settings(24));
  assert.equal(again.hash, report.hash);
});

import { arrivalSums } from "../../fork/arrivals.ts";
import type { ForkResult } from "../fork.ts";

/** The outcome for programs: one row a run and lender, and whether every check held. */
export function forkJson({ report, files }: ForkResult) {
  const runs = (["without", "with"] as const).map((name) => ({ name, run: report[name] }));
  const checks = [...report.before, ...runs.flatMap(({ run }) => run.checks)];
  return {
    hash: report.hash,
    checks: { held: checks.filter(({ holds }) => holds).length, failed: checks.filter(({ holds }) => !holds) },
    updates: report.with.updates,
    syncs: report.with.syncs,
    crossed: report.with.crossed,
    arrivals: arrivalSums(report.with),
    held: report.with.held.length,
    rows: runs.flatMap(({ name, run }) => run.lenders.map((lender) => ({ run: name, ...lender }))),
    files,
  };
}

/** The same in a few lines. */
export function renderFork(result: ForkResult): string {
  const { checks, rows, updates, syncs, crossed, arrivals, held, hash, files } = forkJson(result);
  const usd = (value: number) => Math.round(value).toLocaleString("en-US").padStart(13);
  const head = `${"".padEnd(22)}${["borrowed $", "liquidations", "forward", "lost $", "bad debt $", "under water $"].map((one) => one.padStart(14)).join("")}`;
  const lines = rows.map((row) =>
    [
      `${row.run.padEnd(8)}${row.lender.padEnd(14)}`,
      ...[
        row.borrowedUsd,
        row.liquidations,
        row.broughtForward,
        row.borrowersLostUsd,
        row.writtenOffUsd,
        row.underWaterUsd,
      ].map((one) => ` ${usd(one)}`),
    ].join(""),
  );
  const failed = checks.failed.map(({ what, left, right }) => `FAILS: ${what}: ${left} and ${right}`);
  return [
    ...[head, ...lines, ""],
    `${updates} updates, ${syncs} syncs; accounts that became liquidatable by them at an unmoved price: ${crossed}`,
    ...arrivals.map(arrivalLine),
    `raises of maintenance that the impact gate held by the lenders' books: ${held}`,
    `${checks.held} checks hold to the last unit, ${failed.length} fail`,
    ...failed,
    `report ${hash}`,
    ...files,
  ].join("\n");
}

function arrivalLine(sums: ReturnType<typeof arrivalSums>[number]): string {
  const { lender, batches, withinOneTick, mostTicks, mostBlocks, mostSeconds } = sums;
  if (mostBlocks === null) return `${lender}: of ${batches} batches nothing came into force there`;
  const longest = `at most ${mostTicks} ticks, ${mostBlocks} blocks, ${mostSeconds} s after the decision`;
  return `${lender}: ${withinOneTick} of ${batches} batches in force within one tick, ${longest}`;
}

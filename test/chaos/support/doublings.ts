import type { AppliedBatch, Entry } from "../../../keeper/domain/contract.ts";

/**
 * How many entries wrote a market's datum again without tightening anything by it. Of one datum a second entry may only
 * tighten (D54), as when a source falls silent between two decisions; one that tightens none of the three numbers, or
 * loosens one, was sent twice.
 */
export function doublings(applied: readonly Pick<AppliedBatch, "entries">[]): number {
  const written = new Map<string, readonly number[]>();
  let count = 0;
  for (const entry of applied.flatMap((batch) => batch.entries)) {
    const datum = `${entry.marketId}@${entry.asOf}`;
    const before = written.get(datum);
    const numbers = tightness(entry);
    written.set(datum, numbers);
    if (before === undefined) continue;
    const tighter = numbers.map((number, n) => number - (before[n] ?? 0));
    if (Math.min(...tighter) < 0 || Math.max(...tighter) === 0) count += 1;
  }
  return count;
}

/** The three numbers, each so that greater is tighter. */
function tightness({ initialBps, maintenanceTargetBps, limit }: Entry): readonly number[] {
  return [initialBps, maintenanceTargetBps, -limit];
}

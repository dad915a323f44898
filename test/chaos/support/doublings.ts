import type { AppliedBatch } from "../../../keeper/domain/contract.ts";

/**
 * How many updates wrote a market's datum again without tightening anything by it. Of one datum a second update may only
 * tighten (D54), as when a source falls silent between two decisions; one that raises neither value, or lowers one, was
 * sent twice.
 */
export function doublings(applied: readonly Pick<AppliedBatch, "updates">[]): number {
  const stands = new Map<string, { readonly initialBps: number; readonly maintenanceTargetBps: number }>();
  let count = 0;
  for (const update of applied.flatMap((batch) => batch.updates)) {
    const datum = `${update.marketId}@${update.asOf}`;
    const before = stands.get(datum);
    stands.set(datum, update);
    if (before === undefined) continue;
    const initial = update.initialBps - before.initialBps;
    const target = update.maintenanceTargetBps - before.maintenanceTargetBps;
    if (Math.min(initial, target) < 0 || Math.max(initial, target) === 0) count += 1;
  }
  return count;
}

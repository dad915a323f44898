import type { Haircuts } from "../domain/journal.ts";

type Side = "initialBps" | "maintenanceTargetBps";
const SIDES: readonly Side[] = ["initialBps", "maintenanceTargetBps"];

/**
 * Returns true when the updates raise any haircut above its value on chain. A market that is not among `current` counts
 * as raised: what cannot be compared is not given up.
 * @example raises([{ marketId: 1, initialBps: 2200, ... }], [{ marketId: 1, initialBps: 2000, ... }]) // true
 */
export function raises(updates: readonly Haircuts[], current: readonly Haircuts[]): boolean {
  return updates.some((update) => SIDES.some((side) => isAbove(update, current, side)));
}

/**
 * Returns true when each haircut that `pending` raises above its value on chain is raised by `fresh` too, though not
 * necessarily as far: the fresh value is the better-informed one.
 */
export function keepsRaises(
  fresh: readonly Haircuts[],
  pending: readonly Haircuts[],
  current: readonly Haircuts[],
): boolean {
  return pending.every((update) =>
    SIDES.every((side) => {
      if (!isAbove(update, current, side)) return true;
      const own = fresh.find((one) => one.marketId === update.marketId);
      return own !== undefined && isAbove(own, current, side);
    }),
  );
}

/** Returns true when `fresh` raises any haircut above what will be on chain once `pending` is in a block. */
export function raisesBeyond(
  fresh: readonly Haircuts[],
  pending: readonly Haircuts[],
  current: readonly Haircuts[],
): boolean {
  return raises(fresh, [...pending, ...current]);
}

/** Returns true when `fresh` puts a haircut of a market below what `pending` would put it to. */
export function lowers(fresh: readonly Haircuts[], pending: readonly Haircuts[]): boolean {
  return raises(
    pending.filter((update) => fresh.some((one) => one.marketId === update.marketId)),
    fresh,
  );
}

/** The first entry of a market counts. */
function isAbove(update: Haircuts, current: readonly Haircuts[], side: Side): boolean {
  const own = current.find((one) => one.marketId === update.marketId);
  return own === undefined || update[side] > own[side];
}

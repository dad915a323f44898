import type { Numbers } from "../domain/journal.ts";

type Side = (numbers: Numbers) => number;
/** The three numbers, each as one that rises as it becomes tighter. */
const SIDES: readonly Side[] = [
  ({ initialBps }) => initialBps,
  ({ maintenanceTargetBps }) => maintenanceTargetBps,
  ({ limit }) => -limit,
];

/**
 * Returns true when the updates tighten any number beyond its value on chain. A market that is not among `current` counts
 * as raised: what cannot be compared is not given up.
 * @example raises([{ marketId: 1, initialBps: 2200, ... }], [{ marketId: 1, initialBps: 2000, ... }]) // true
 */
export function raises(updates: readonly Numbers[], current: readonly Numbers[]): boolean {
  return updates.some((update) => SIDES.some((side) => isAbove(update, current, side)));
}

/**
 * Returns true when each number that `pending` tightens beyond its value on chain is tightened by `fresh` too, though not
 * necessarily as far: the fresh value is the better-informed one.
 */
export function keepsRaises(
  fresh: readonly Numbers[],
  pending: readonly Numbers[],
  current: readonly Numbers[],
): boolean {
  return pending.every((update) =>
    SIDES.every((side) => {
      if (!isAbove(update, current, side)) return true;
      const own = fresh.find((one) => one.marketId === update.marketId);
      return own !== undefined && isAbove(own, current, side);
    }),
  );
}

/** Returns true when `fresh` tightens any number beyond what will be on chain once `pending` is in a block. */
export function raisesBeyond(
  fresh: readonly Numbers[],
  pending: readonly Numbers[],
  current: readonly Numbers[],
): boolean {
  return raises(fresh, [...pending, ...current]);
}

/** Returns true when `fresh` puts a number of a market looser than `pending` would. */
export function lowers(fresh: readonly Numbers[], pending: readonly Numbers[]): boolean {
  return raises(
    pending.filter((update) => fresh.some((one) => one.marketId === update.marketId)),
    fresh,
  );
}

/** The first entry of a market counts. */
function isAbove(update: Numbers, current: readonly Numbers[], side: Side): boolean {
  const own = current.find((one) => one.marketId === update.marketId);
  return own === undefined || side(update) > side(own);
}

/** Haircuts of one market, basis points: what stands on chain, or what a batch says. */
export type Standing = {
  readonly marketId: number;
  readonly initialBps: number;
  readonly maintenanceTargetBps: number;
};

type Side = "initialBps" | "maintenanceTargetBps";
const SIDES: readonly Side[] = ["initialBps", "maintenanceTargetBps"];

/**
 * Returns true when the updates raise any haircut above what stands. A market that is not among `standing` counts as
 * raised: what cannot be compared is not given up.
 * @example raises([{ marketId: 1, initialBps: 2200, ... }], [{ marketId: 1, initialBps: 2000, ... }]) // true
 */
export function raises(updates: readonly Standing[], standing: readonly Standing[]): boolean {
  return updates.some((update) => SIDES.some((side) => above(update, standing, side)));
}

/**
 * Returns true when each haircut that `pending` raises above what stands is raised by `fresh` too, though not
 * necessarily as far: the fresh value is the better-informed one.
 */
export function keepsRaises(
  fresh: readonly Standing[],
  pending: readonly Standing[],
  standing: readonly Standing[],
): boolean {
  return pending.every((update) =>
    SIDES.every((side) => {
      if (!above(update, standing, side)) return true;
      const own = fresh.find((one) => one.marketId === update.marketId);
      return own !== undefined && above(own, standing, side);
    }),
  );
}

/** Returns true when `fresh` raises any haircut above what would stand once `pending` is in a block. */
export function raisesBeyond(
  fresh: readonly Standing[],
  pending: readonly Standing[],
  standing: readonly Standing[],
): boolean {
  return raises(fresh, [...pending, ...standing]);
}

/** Returns true when `fresh` puts a haircut of a market below what `pending` would put it to. */
export function lowers(fresh: readonly Standing[], pending: readonly Standing[]): boolean {
  return raises(
    pending.filter((update) => fresh.some((one) => one.marketId === update.marketId)),
    fresh,
  );
}

/** The first entry of a market counts. */
function above(update: Standing, standing: readonly Standing[], side: Side): boolean {
  const stands = standing.find((one) => one.marketId === update.marketId);
  return stands === undefined || update[side] > stands[side];
}

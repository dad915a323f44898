import { minuteOf, timeOf } from "../domain/calendar.ts";
import type { Entry } from "../domain/contract.ts";
import type { OnChainMarket } from "../domain/decision.ts";
import type { Numbers } from "../domain/journal.ts";

/**
 * Returns the entry that tightens a market by the least step that its class takes, at a block's time (Unix seconds): one
 * basis point of initial, and what bounds and gap ask for besides. Where it is at its tight bound already, as it is.
 */
export function leastTightening(onChain: OnChainMarket, blockTime: number): Entry {
  const { marketId, generation, storedInitialBps, limits, confidence, sources } = onChain;
  const maintenanceTargetBps = Math.max(onChain.maintenanceTargetBps, limits.minMaintenanceBps);
  const least = Math.max(maintenanceTargetBps, onChain.maintenanceBps) + limits.minGapBps;
  const stepped = Math.max(storedInitialBps + 1, limits.minInitialBps, least);
  const initialBps = Math.min(stepped, Math.max(limits.maxInitialBps, storedInitialBps));
  const limit = Math.min(onChain.limit, onChain.highestLimit);
  const asOf = timeOf(minuteOf(blockTime));
  return { marketId, generation, asOf, initialBps, maintenanceTargetBps, limit, confidence, sources, orTighter: true };
}

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

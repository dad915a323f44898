import { YEAR_HOURS } from "../domain/calendar.ts";
import { requireAmount, requireRange } from "../domain/errors.ts";
import type { ModelParameters } from "../domain/parameters.ts";

/** How long a position takes to sell, and why. */
type Horizon = {
  /** tau in hours, in [0, UNSELLABLE_HOURS]. */
  readonly hours: number;
  /** What set it. */
  readonly binding: "floor" | "slices" | "volume";
  /** N, slices needed; at most MAX_SLICES. */
  readonly slices: number;
  /** True when the position cannot be sold within UNSELLABLE_HOURS: the caller must count it as lost. */
  readonly unsellable: boolean;
};

/** One year. Collateral that takes longer to sell than this is not collateral; the price loss is then taken as 1. */
const UNSELLABLE_HOURS = YEAR_HOURS;
/** Reported number of slices when depth is zero: finite, so that it can be printed and hashed. */
const MAX_SLICES = 1e9;

/**
 * Liquidation horizon in hours: `max(MPOR, t_react + N T_refill, t_react + Q / (participation * stressVolumeShare * ADV))`
 * with `N = ceil(Q / q)`. Depth sets the slice q that the bonus can pay for, so thin depth costs time, not slippage
 * (Warwick & RiskDAO, SmartLTV, 2023). Rises with Q, falls with q and ADV. Zero depth or volume: unsellable.
 * @param sizeUsd Q, USD >= 0  @param sliceUsd q, USD >= 0  @param dailyVolumeUsd ADV, USD a day >= 0
 * @example liquidationHorizon(20e6, 60e6, 800e6, DEFAULT_MODEL).hours // 24: the floor
 */
export function liquidationHorizon(
  sizeUsd: number,
  sliceUsd: number,
  dailyVolumeUsd: number,
  parameters: ModelParameters,
): Horizon {
  requireAmount("sizeUsd", sizeUsd);
  requireAmount("sliceUsd", sliceUsd);
  requireAmount("dailyVolumeUsd", dailyVolumeUsd);
  const { minimumHorizonHours, reactionHours, refillMinutes, participation, stressVolumeShare } = parameters;
  const exactSlices = sizeUsd === 0 ? 0 : Math.ceil(sizeUsd / sliceUsd);
  const dailySale = participation * stressVolumeShare * dailyVolumeUsd;
  const bySlices = reactionHours + (exactSlices * refillMinutes) / 60;
  const byVolume = reactionHours + (sizeUsd === 0 ? 0 : (24 * sizeUsd) / dailySale);
  let [binding, hours]: [Horizon["binding"], number] = ["floor", minimumHorizonHours];
  if (bySlices > hours) [binding, hours] = ["slices", bySlices];
  if (byVolume > hours) [binding, hours] = ["volume", byVolume];
  const unsellable = !(hours <= UNSELLABLE_HOURS);
  return {
    hours: unsellable ? UNSELLABLE_HOURS : hours,
    binding,
    slices: Math.min(exactSlices, MAX_SLICES),
    unsellable,
  };
}

/** Steps of the size grid between 0 and the supply cap: the fixed point is exact on this grid. */
const GRID_STEPS = 10_000;

/**
 * USD of collateral that becomes liquidatable when the price falls by `fall` (a fraction in [0, 1]): the governance
 * profile, piecewise linear through (0, 0), and from its last point on to the whole supply cap at a fall of 1. An empty
 * profile is therefore the straight line to the cap: what nobody measured counts as large.
 * @example liquidatableUsd(0.15, [[0.1, 4e6], [0.2, 20e6]], 400e6) // 12000000
 */
export function liquidatableUsd(
  fall: number,
  profile: readonly (readonly [fall: number, usd: number])[],
  supplyCapUsd: number,
): number {
  requireRange("fall", fall, 0, 1);
  let [x0, y0] = [0, 0];
  // By index: this is asked some ten times a haircut, and taking points apart as patterns walks an iterator for each.
  for (let i = 0; i <= profile.length; i++) {
    const point = profile[i];
    const x1 = point === undefined ? 1 : point[0];
    const y1 = point === undefined ? Math.max(supplyCapUsd, y0) : point[1];
    if (fall <= x1) return x1 === x0 ? y1 : y0 + ((fall - x0) / (x1 - x0)) * (y1 - y0);
    x0 = x1;
    y0 = y1;
  }
  return y0;
}

/**
 * Size Q in USD that has to be sold: the least Q with `Q = min(cap, max(largest borrower, liquidatable(L(Q))))`, found
 * by iterating upwards from the largest borrower. `lossAt` must not fall as Q rises, so the sequence rises and ends.
 * The liquidatable part is rounded *up* to 1/10000 of the supply cap: this makes the end exact and monotone in every
 * input, at the cost of a size at most one grid step too large.
 * @param lossAt L as a function of Q, a fraction in [0, 1]
 */
export function liquidationSize(lossAt: (sizeUsd: number) => number, parameters: ModelParameters): number {
  const { supplyCapUsd, largestBorrowerUsd, liquidationProfile } = parameters;
  const grid = supplyCapUsd / GRID_STEPS;
  if (grid === 0) return 0;
  let size = Math.min(supplyCapUsd, largestBorrowerUsd);
  for (let i = 0; i <= GRID_STEPS + 1; i++) {
    const wanted = liquidatableUsd(lossAt(size), liquidationProfile, supplyCapUsd);
    // A hair below a whole step counts as that step: 12e6 / 40e3 must be 300, not 301.
    const rounded = Math.ceil(wanted / grid - 1e-9) * grid;
    const next = Math.min(supplyCapUsd, Math.max(size, rounded));
    if (next === size) return size;
    size = next;
  }
  return supplyCapUsd;
}

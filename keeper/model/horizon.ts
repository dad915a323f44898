import { YEAR_HOURS } from "../domain/calendar.ts";
import type { ModelParameters } from "../domain/parameters.ts";
import { requireAmount } from "./numerics/requireRange.ts";

/** How long a position takes to sell, and why. */
type Horizon = {
  /** tau in hours, in [0, UNSELLABLE_HOURS]. */
  readonly hours: number;
  /** What set it: "floor" | "slices" | "volume". */
  readonly binding: "floor" | "slices" | "volume";
  /** N, slices needed; at most MAX_SLICES. */
  readonly slices: number;
  /** True when the position cannot be sold within UNSELLABLE_HOURS: the caller must count it as lost. */
  readonly unsellable: boolean;
};

/** One year. Collateral that takes longer to sell than this is not collateral; the price loss is then taken as 1. */
export const UNSELLABLE_HOURS = YEAR_HOURS;
/** Reported number of slices when depth is zero: finite, so that it can be printed and hashed. */
export const MAX_SLICES = 1e9;

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

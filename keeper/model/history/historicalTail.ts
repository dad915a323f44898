import { DAY_SECONDS, YEAR_HOURS } from "../../domain/calendar.ts";
import { requireAmount, requireRange } from "../numerics/requireRange.ts";
import { type DailyBar, meanOfLast } from "./dailyBars.ts";
import { DAILY_DECAY, ewmaVariance, SEED_DAYS } from "./varianceForecasts.ts";

/** Expected shortfall from history, rescaled to current volatility. */
type HistoricalTail = {
  /** L_FHS: loss over the horizon, a fraction in [0, 1). */
  readonly loss: number;
  /** The tail in standard deviations: what the Student multiple k is to be compared with. In [0, MOST_MULTIPLE]. */
  readonly multiple: number;
  /** Standardised daily returns behind it. */
  readonly observations: number;
};

/** One bad print must not mean total loss: no liquid asset has shown a daily tail mean beyond this many deviations. */
export const MOST_MULTIPLE = 8;
/** Tail observations wanted: 500 days at 99 %. */
const LEAST_TAIL_OBSERVATIONS = 5;

/**
 * Filtered historical simulation: each day's log return is divided by the EWMA volatility known at its start, and the
 * mean of the worst `1 - level` share of these is multiplied with current volatility over the horizon (square root of
 * time). So the shape of the tail is the asset's own, and its scale is today's. Null when fewer than five returns would
 * lie in the tail (500 days at 99 %): too little history says nothing, and the parametric tail is used.
 * Source: Barone-Adesi, Giannopoulos & Vosper, J. Futures Markets 19 (1999).
 * @param shocks of `sortedShocks`  @param volatility current, annualised  @param horizonHours > 0  @param level e.g. 0.99
 * @example historicalTail(shocksOfThreeYears, 0.6, 24, 0.99)?.multiple // about 3
 */
export function historicalTail(
  shocks: Float64Array,
  volatility: number,
  horizonHours: number,
  level: number,
): HistoricalTail | null {
  requireAmount("volatility", volatility);
  requireRange("horizonHours", horizonHours, 0, 1e6, { openLow: true });
  requireRange("tailLevel", level, 0.5, 1, { openLow: true, openHigh: true });
  // Rounded to remove the error of 1 - level, which would ask for one observation more: 1 - 0.99 = 0.010000000000000009.
  const share = Number((1 - level).toPrecision(12));
  if (shocks.length * share < LEAST_TAIL_OBSERVATIONS) return null;
  const multiple = Math.min(MOST_MULTIPLE, Math.max(0, -tailMean(shocks, shocks.length * share)));
  const loss = -Math.expm1(-multiple * volatility * Math.sqrt(horizonHours / YEAR_HOURS));
  return { loss, multiple, observations: shocks.length };
}

/** Mean of the `count` smallest values; a fractional count takes that part of the next one. */
function tailMean(ascending: Float64Array, count: number): number {
  let [sum, left] = [0, count];
  for (const value of ascending) {
    const weight = Math.min(1, left);
    sum += weight * value;
    left -= weight;
    if (left <= 0) break;
  }
  return sum / count;
}

/** Daily log returns over the volatility that was known the evening before, in standard deviations, ascending. */
export function sortedShocks(days: readonly (DailyBar | null)[], variances: readonly (number | null)[]): Float64Array {
  const scores: number[] = [];
  let variance = meanOfLast(variances.slice(0, SEED_DAYS), SEED_DAYS, SEED_DAYS);
  for (let i = 0; i < days.length; i++) {
    const day = days[i] ?? null;
    const today = variances[i] ?? null;
    const yesterday = days[i - 1] ?? null;
    if (i >= SEED_DAYS && variance !== null && day && yesterday && today !== null) {
      // Both ends must be whole days next to each other: a return across a hole is not a one-day return.
      const whole = day.coveredSeconds === DAY_SECONDS && yesterday.coveredSeconds === DAY_SECONDS;
      if (whole) scores.push(Math.log(day.close / yesterday.close) / Math.sqrt(variance));
    }
    if (today === null) continue;
    variance = variance === null ? today : ewmaVariance(variance, today, DAILY_DECAY);
  }
  return Float64Array.from(scores).sort();
}

import { DAY_SECONDS } from "../../domain/calendar.ts";
import type { DailyBar } from "./dailyBars.ts";

/** A day of which less than this share is covered by returns says nothing. */
const LEAST_COVERAGE = 0.5;

/**
 * Realised variance of each day (squared log return, not annualised), jumps included: the sum of squared returns, scaled
 * up from the time they cover to 24 hours. Null where less than half of the day is covered, or where no price moved at
 * all: a frozen feed is not a calm market. Source: Andersen & Bollerslev (1998).
 */
export function dailyVariances(days: readonly (DailyBar | null)[]): readonly (number | null)[] {
  return days.map((day) => {
    if (day === null || day.coveredSeconds < LEAST_COVERAGE * DAY_SECONDS || day.squaredReturns === 0) return null;
    return (day.squaredReturns * DAY_SECONDS) / day.coveredSeconds;
  });
}

/**
 * Mean of the known values among the last `window` of the first `end` (of all, when left out), or null when fewer than
 * `least` are known.
 * @example meanOfLast([1, null, 3], 3, 2) // 2
 */
export function meanOfLast(
  values: readonly (number | null)[],
  window: number,
  least: number,
  end = values.length,
): number | null {
  let sum = 0;
  let known = 0;
  for (let i = Math.max(0, end - window); i < end; i++) {
    const value = values[i];
    if (value === null || value === undefined) continue;
    sum += value;
    known++;
  }
  return known < least || known === 0 ? null : sum / known;
}

/** Annualised volatility of a daily variance, ACT/365. @example annualised(0.0009) // 0.5732 */
export function annualised(dailyVariance: number): number {
  return Math.sqrt(365 * dailyVariance);
}

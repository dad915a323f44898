import { DAY_SECONDS, YEAR_HOURS } from "../../domain/calendar.ts";
import { requireAmount, requireRange } from "../../domain/errors.ts";
import { type Fault, fault } from "../../domain/fault.ts";
import { median, upperMedian } from "../../domain/numbers.ts";
import type { PriceHistory } from "../../domain/observation.ts";
import { annualised, type DailyBar, dailyBars, dailyVariances, meanOfLast } from "./dailyBars.ts";
import {
  DAILY_DECAY,
  ewmaOfVariances,
  ewmaVariance,
  harForecast,
  LEAST_DAYS,
  SEED_DAYS,
  yangZhang,
} from "./varianceForecasts.ts";

/** What a price history says about volatility, annualised fractions; null where there is too little of it. */
export type HistoryVolatility = {
  /** Forecast of the next 24 hours by log-HAR; needs about 210 days. */
  readonly har: number | null;
  /** Exponentially weighted, decay 0.94 a day; needs 7 days. */
  readonly ewma: number | null;
  /** Over the whole history; needs 90 days. */
  readonly longRun: number | null;
  /** Over the last 30 days; needs 20 of them. */
  readonly realised30d: number | null;
  /** Median day of the last 30, which no single jump moves; needs 20. */
  readonly typical30d: number | null;
  /** Yang-Zhang over the last 30 daily bars; needs 20. */
  readonly range: number | null;
  /** Days with a usable variance. */
  readonly days: number;
  /** Median of the last 30 days, USD, at most 10 times that of all; days without a candle count as zero. */
  readonly dailyVolumeUsd: number;
  /** Daily returns in deviations of the evening before, ascending: what `historicalTail` asks for. */
  readonly shocks: Float64Array;
  readonly faults: readonly Fault[];
};

const WINDOW_DAYS = 30;
const LEAST_WINDOW_DAYS = 20;
const LEAST_LONG_RUN_DAYS = 90;
const MOST_VOLUME_RISE = 10;

/**
 * Volatilities and volume of a price history at `now`, from candles closed at or before `now` only. Missing candles are
 * never interpolated (see `dailyBars`), and missing, late or malformed ones come back as faults.
 * @example historyVolatility(hourlyCandles, now).har // 0.58
 */
export function historyVolatility(history: PriceHistory, now: number): HistoryVolatility {
  const { days, problems } = dailyBars(history, now);
  const variances = dailyVariances(days);
  const known = variances.filter((value) => value !== null).length;
  const har = harForecast(variances);
  const ewma = ewmaOfVariances(variances);
  const longRun = meanOfLast(variances, variances.length, LEAST_LONG_RUN_DAYS);
  const realised = meanOfLast(variances, WINDOW_DAYS, LEAST_WINDOW_DAYS);
  return {
    har: root(har?.variance ?? null),
    ewma: root(ewma),
    longRun: root(longRun),
    realised30d: root(realised),
    typical30d: root(medianOfLast(variances)),
    range: root(rangeVariance(days)),
    days: known,
    dailyVolumeUsd: volumeOf(days),
    shocks: sortedShocks(days, variances),
    faults: faultsOf(history.source, problems, known),
  };
}

function root(variance: number | null): number | null {
  return variance === null || variance === 0 ? null : annualised(variance);
}

function medianOfLast(variances: readonly (number | null)[]): number | null {
  const known = variances.slice(-WINDOW_DAYS).filter((value) => value !== null);
  return known.length < LEAST_WINDOW_DAYS ? null : upperMedian(known);
}

function rangeVariance(days: readonly (DailyBar | null)[]): number | null {
  const bars = days.slice(-WINDOW_DAYS - 1).filter((day) => day !== null);
  return bars.length <= LEAST_WINDOW_DAYS ? null : yangZhang(bars);
}

/**
 * The median, so that one day of crash or wash volume does not make the market look larger; and at most ten times that of
 * the whole history, so that a month of it does not either.
 */
function volumeOf(days: readonly (DailyBar | null)[]): number {
  const month = medianVolume(days.slice(-WINDOW_DAYS));
  return days.length > LEAST_LONG_RUN_DAYS ? Math.min(month, MOST_VOLUME_RISE * medianVolume(days)) : month;
}

function medianVolume(days: readonly (DailyBar | null)[]): number {
  return days.length === 0 ? 0 : median(days.map((day) => day?.volumeUsd ?? 0));
}

function faultsOf(
  source: string,
  problems: { readonly missing: number; readonly future: number; readonly bad: number },
  known: number,
): readonly Fault[] {
  const faults: Fault[] = [];
  if (problems.missing > 0) faults.push(fault("GAP", source, `${problems.missing} candles missing`, problems.missing));
  if (problems.future > 0) {
    faults.push(fault("FUTURE", source, `${problems.future} candles close after now, left out`, problems.future));
  }
  if (problems.bad > 0) {
    const what = "candles out of order, not positive, or with open or close outside low..high, left out";
    faults.push(fault("INCONSISTENT", source, `${problems.bad} ${what}`, problems.bad));
  }
  if (known < LEAST_DAYS) {
    faults.push(fault("TOO_FEW", source, `${known} days with a variance, ${LEAST_DAYS} wanted for log-HAR`, known));
  }
  return faults;
}

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
function sortedShocks(days: readonly (DailyBar | null)[], variances: readonly (number | null)[]): Float64Array {
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

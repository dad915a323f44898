import { HOUR_SECONDS } from "../../domain/calendar.ts";
import { type Fault, fault } from "../../domain/fault.ts";
import { median, upperMedian } from "../../domain/numbers.ts";
import type { PriceHistory, PricePast } from "../../domain/observation.ts";
import { annualised, type DailyBar, dailyBars, dailyVariances, meanOfLast, usableCandles } from "./dailyBars.ts";
import { isSoundPast, type Shocks, shocksOf } from "./pricePast.ts";
import { ewmaOfVariances, harForecast, LEAST_DAYS, yangZhang } from "./varianceForecasts.ts";

/** What a price history says about volatility, annualised fractions; null where there is too little of it. */
export type HistoryVolatility = {
  /** Forecast of the next 24 hours by log-HAR; needs about 210 days. */
  readonly har: number | null;
  /** Exponentially weighted, decay 0.94 a day; needs 7 days. */
  readonly ewma: number | null;
  /** Over the whole history, what came before its candles included; needs 90 days. */
  readonly longRun: number | null;
  /** Over the last 30 days; needs 20 of them. */
  readonly realised30d: number | null;
  /** Median day of the last 30, which no single jump moves; needs 20. */
  readonly typical30d: number | null;
  /** Yang-Zhang over the last 30 daily bars; needs 20. */
  readonly range: number | null;
  /** Days with a usable variance, those before its candles included. */
  readonly days: number;
  /** Median of the last 30 days, USD, at most 10 times that of all; days without a candle count as zero. */
  readonly dailyVolumeUsd: number;
  /** What `historicalTail` asks for. */
  readonly shocks: Shocks;
  readonly faults: readonly Fault[];
};

const WINDOW_DAYS = 30;
const LEAST_WINDOW_DAYS = 20;
const LEAST_LONG_RUN_DAYS = 90;
const MOST_VOLUME_RISE = 10;

/**
 * Volatilities and volume of a price history at `now`, from candles closed at or before `now` only. Missing candles are
 * never interpolated (see `dailyBars`), and missing, late or malformed ones come back as faults. Long run, days and shocks are
 * those of all candles ever, where the history says what came before its own (`pastAfter`); one that cannot be is a fault.
 * @example historyVolatility(hourlyCandles, now).har // 0.58
 */
export function historyVolatility(history: PriceHistory, now: number): HistoryVolatility {
  const usable = usableCandles(history, now);
  const { days, problems } = dailyBars(usable);
  const variances = dailyVariances(days);
  const known = variances.filter((value) => value !== null).length;
  const har = harForecast(variances);
  const ewma = ewmaOfVariances(variances);
  const past = history.before ?? null;
  const before = past !== null && isSoundPast(past, history) ? past : null;
  const shocks = shocksOf(usable, before);
  const whole = before === null ? null : (shocks.days[lastHourOf(shocks)] ?? null);
  const longRun = whole === null ? meanOfLast(variances, variances.length, LEAST_LONG_RUN_DAYS) : meanOf(whole);
  const realised = meanOfLast(variances, WINDOW_DAYS, LEAST_WINDOW_DAYS);
  return {
    har: root(har?.variance ?? null),
    ewma: root(ewma),
    longRun: root(longRun),
    realised30d: root(realised),
    typical30d: root(medianOfLast(variances)),
    range: root(rangeVariance(days)),
    days: whole?.[0] ?? known,
    dailyVolumeUsd: volumeOf(days),
    shocks,
    faults: [...faultsOf(history.source, problems, known), ...(past === before ? [] : [pastFault(history.source)])],
  };
}

/** The hour of the day, UTC, at which the newest hour ends. */
function lastHourOf({ firstEnd, scores }: Shocks): number {
  return (Math.floor(firstEnd / HOUR_SECONDS) + scores.length - 1) % 24;
}

function meanOf([known, sum]: PricePast["days"][number]): number | null {
  return known < LEAST_LONG_RUN_DAYS ? null : sum / known;
}

function pastFault(source: string): Fault {
  return fault("INCONSISTENT", source, "what is said of the years before its candles cannot be, and is not used");
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

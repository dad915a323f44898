import { DAY_SECONDS, HOUR_SECONDS } from "../../../../keeper/domain/calendar.ts";
import type { Candle } from "../../../../keeper/domain/observation.ts";
import {
  annualised,
  dailyBars,
  dailyVariances,
  meanOfLast,
  usableCandles,
} from "../../../../keeper/model/history/dailyBars.ts";
import { historicalTail, WorstScores } from "../../../../keeper/model/history/historicalTail.ts";
import { historyVolatility } from "../../../../keeper/model/history/historyVolatility.ts";
import { EMPTY_PAST, pastAfter, pastUntil, shocksOf } from "../../../../keeper/model/history/pricePast.ts";
import { DAILY_DECAY, ewmaVariance, SEED_DAYS } from "../../../../keeper/model/history/varianceForecasts.ts";
import { ExpandingHar } from "./expandingHar.ts";
import { ExpandingVolume } from "./expandingVolume.ts";
import { historyUntil, type PriceSeries } from "./priceSeries.ts";

/**
 * What the price history said at the close of every candle, by candle: annualised fractions, NaN where it said nothing.
 * Entry i rests on candles 0..i only.
 */
export type Estimates = {
  readonly har: Float64Array;
  readonly ewma: Float64Array;
  readonly longRun: Float64Array;
  readonly realised: Float64Array;
  /** Multiple of the historical tail, in standard deviations. */
  readonly tailMultiple: Float64Array;
  readonly dailyVolumeUsd: Float64Array;
  /** Days with a known variance. */
  readonly days: Float64Array;
};

const LEAST_LONG_RUN_DAYS = 90;
const WINDOW_DAYS = 30;
const LEAST_WINDOW_DAYS = 20;

/**
 * The numbers of `historyVolatility` and `historicalTail` at every hour of a series, in one pass: days end at the hour looked
 * at, so each hour of the day has its own grid of days, and on one grid each day adds to what is known. The same
 * numbers as the live functions (differential test; a sample in every report), some thousand times as fast.
 * @param memoryDays keep candles for so long, and of older ones what a keeper does: the live functions themselves at every candle,
 * some milliseconds each. Long run, days and tail are then the same, and forecasts those of younger candles; null: all are kept
 */
export function estimatesOf(series: PriceSeries, tailLevel: number, memoryDays: number | null = null): Estimates {
  const size = series.candles.length;
  const empty = () => new Float64Array(size).fill(Number.NaN);
  const estimates: Estimates = {
    har: empty(),
    ewma: empty(),
    longRun: empty(),
    realised: empty(),
    tailMultiple: empty(),
    dailyVolumeUsd: empty(),
    days: empty(),
  };
  if (memoryDays !== null) {
    fillRemembered(series, tailLevel, memoryDays, estimates);
    return estimates;
  }
  for (const last of lastOfPhases(series, DAY_SECONDS)) fillPhase(series, last, estimates);
  for (const last of lastOfPhases(series, HOUR_SECONDS)) fillTail(series, last, tailLevel, estimates.tailMultiple);
  return estimates;
}

/** What a keeper says that holds the candles of the last `memoryDays`, and of those before them what is left. */
function fillRemembered(series: PriceSeries, tailLevel: number, memoryDays: number, estimates: Estimates): void {
  const { candles, closeTimes } = series;
  let first = 0;
  let before = EMPTY_PAST;
  for (let i = 0; i < candles.length; i++) {
    const now = closeTimes[i] as number;
    while ((candles[first] as Candle)[0] < now - memoryDays * DAY_SECONDS) first++;
    const until = pastUntil(now, memoryDays);
    // Once a day, from where it ended: a recording may have skipped a month since.
    if (until > before.until) before = pastAfter(before, historyUntil(series, i), until);
    const says = historyVolatility({ ...historyUntil(series, i, first), before }, now);
    // The multiple does not depend on volatility or horizon.
    const tail = historicalTail(says.shocks, 1, 24, tailLevel);
    estimates.har[i] = says.har ?? Number.NaN;
    estimates.ewma[i] = says.ewma ?? Number.NaN;
    estimates.longRun[i] = says.longRun ?? Number.NaN;
    estimates.realised[i] = says.realised30d ?? Number.NaN;
    estimates.tailMultiple[i] = tail?.multiple ?? Number.NaN;
    estimates.dailyVolumeUsd[i] = says.dailyVolumeUsd;
    estimates.days[i] = says.days;
  }
}

const usableUntil = (series: PriceSeries, last: number) =>
  usableCandles(historyUntil(series, last), series.closeTimes[last] ?? 0);

/** For every time within `span` at which candles close, the last of them. */
function lastOfPhases({ closeTimes }: PriceSeries, span: number): Iterable<number> {
  return new Map(Array.from(closeTimes, (time, i) => [time % span, i])).values();
}

/** The multiple of the tail at all candles that close a whole number of hours before `last`. */
function fillTail(series: PriceSeries, last: number, level: number, multiples: Float64Array): void {
  const { scores, firstEnd, step } = shocksOf(usableUntil(series, last));
  const worst = new WorstScores(level, scores.length, DAY_SECONDS / step);
  let at = 0;
  for (let i = 0; i < scores.length; i++) {
    worst.add(scores[i] as number);
    const end = firstEnd + i * step;
    while ((series.closeTimes[at] ?? end) < end) at++;
    if (series.closeTimes[at] === end) multiples[at] = worst.multiple() ?? Number.NaN;
  }
}

/** All days that end at the hour of the day at which candle `last` closes. */
function fillPhase(series: PriceSeries, last: number, estimates: Estimates): void {
  const { days } = dailyBars(usableUntil(series, last));
  const all = dailyVariances(days);
  const har = new ExpandingHar();
  const volume = new ExpandingVolume();
  const known: (number | null)[] = [];
  const seed: number[] = [];
  let [sum, count, ewma] = [0, 0, Number.NaN];
  const firstEnd = (series.closeTimes[last] ?? 0) - (days.length - 1) * DAY_SECONDS;
  let at = 0;
  for (const [day, bar] of days.entries()) {
    const variance = all[day] ?? null;
    known.push(variance);
    if (variance !== null) {
      sum += variance;
      count++;
      if (count <= SEED_DAYS) {
        seed.push(variance);
        if (count === SEED_DAYS) ewma = seed.reduce((total, value) => total + value, 0) / SEED_DAYS;
      } else ewma = ewmaVariance(ewma, variance, DAILY_DECAY);
    }
    const forecast = har.next(known);
    const volumeUsd = volume.next(bar?.volumeUsd ?? 0);
    // Without a candle that closes at this moment the live grid of days would be another one.
    const end = firstEnd + day * DAY_SECONDS;
    while ((series.closeTimes[at] ?? end) < end) at++;
    if (series.closeTimes[at] !== end) continue;
    estimates.har[at] = volatility(forecast);
    estimates.ewma[at] = count < SEED_DAYS ? Number.NaN : volatility(ewma);
    estimates.longRun[at] = count < LEAST_LONG_RUN_DAYS ? Number.NaN : volatility(sum / count);
    estimates.realised[at] = volatility(meanOfLast(known, WINDOW_DAYS, LEAST_WINDOW_DAYS));
    estimates.dailyVolumeUsd[at] = volumeUsd;
    estimates.days[at] = count;
  }
}

function volatility(dailyVariance: number | null): number {
  return dailyVariance === null || dailyVariance === 0 ? Number.NaN : annualised(dailyVariance);
}

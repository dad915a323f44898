import { DAY_SECONDS, HOUR_SECONDS } from "../../domain/calendar.ts";
import type { PriceHistory, PricePast } from "../../domain/observation.ts";
import { barColumns, LEAST_COVERAGE, type UsableCandles, usableCandles } from "./dailyBars.ts";
import { DAILY_DECAY, ewmaVariance, SEED_DAYS } from "./varianceForecasts.ts";

/**
 * Shocks that are kept one by one lie below so many standard deviations: two to three in a hundred do, and the tail is made of
 * the worst of a hundred.
 */
export const WORST_BELOW = -2;
/** Candles wanted before `until` to go on from it: a return of 24 hours, its day, and a hole of two days that ends in them. */
export const PAST_OVERLAP_SECONDS = 4 * DAY_SECONDS;

/** Candles wanted after `until`: the longest hole that is bridged. */
export const HINDSIGHT_SECONDS = 2 * DAY_SECONDS;

/** What is known of the hours before all candles: nothing. */
export const EMPTY_PAST: PricePast = {
  until: 0,
  days: Array.from({ length: 24 }, () => [0, 0, 0] as const),
  shocks: 0,
  worst: [],
};

/**
 * What is left of all hours until a midnight, from what was left at one before it and candles since then. It does not depend on
 * the steps in which that is done, to rounding, as long as each one's candles begin four days before the last one's end and go on for two
 * days after its own (`HINDSIGHT_SECONDS`), in which a hole at that midnight ends.
 * Nothing fades: a shock of years ago counts as one of many, and no day has more weight for being young or old.
 * @param until a midnight UTC, Unix seconds, later than `before.until`
 * @example pastAfter(EMPTY_PAST, hourlyCandlesOf100Days, theirEnd).days[0]?.[0] // 100
 */
export function pastAfter(before: PricePast, history: PriceHistory, until: number): PricePast {
  const from = before.until - PAST_OVERLAP_SECONDS;
  const candles = history.candles.filter(([time]) => time >= from);
  const { scores, days } = shocksOf(usableCandles({ ...history, candles }, history.eventTime), before, until);
  const known = scores.filter((score) => !Number.isNaN(score));
  const low = known.filter((score) => score < WORST_BELOW);
  return {
    until,
    days: days.map(([count, sum, average]) => [count, sum, average]),
    shocks: before.shocks + known.length,
    worst: Array.from(Float64Array.from([...before.worst, ...low]).sort()),
  };
}

/**
 * The midnight up to which the past of a history that keeps candles of so many days should reach: the first that leaves enough of
 * them before it to go on from (`PAST_OVERLAP_SECONDS`), today and still in a day.
 * @example pastUntil(550 * DAY_SECONDS + 1, 550) // 6 * DAY_SECONDS
 */
export function pastUntil(now: number, days: number): number {
  return (Math.ceil((now + PAST_OVERLAP_SECONDS) / DAY_SECONDS - days) + 1) * DAY_SECONDS;
}

/** Whether a past can be what is left of hours before the end of these candles, whoever says so. */
export function isSoundPast({ until, days, shocks, worst }: PricePast, history?: PriceHistory): boolean {
  const isCount = (value: number) => Number.isSafeInteger(value) && value >= 0;
  const isAmount = (value: number) => Number.isFinite(value) && value >= 0;
  const hours = history === undefined ? true : history.intervalSeconds === HOUR_SECONDS && until <= history.eventTime;
  return (
    hours &&
    isCount(until) &&
    until % DAY_SECONDS === 0 &&
    days.length === 24 &&
    days.every(
      ([known, sum, average]) => isCount(known) && isAmount(sum) && isAmount(average) && known > 0 === sum > 0,
    ) &&
    isCount(shocks) &&
    worst.length <= shocks &&
    worst.every((score, i) => score < WORST_BELOW && score >= (worst[i - 1] ?? Number.NEGATIVE_INFINITY))
  );
}

/** Log returns of 24 hours over the volatility known before them, in standard deviations. */
export type Shocks = {
  /** One at the end of each hour (of each day where candles are longer than an hour), oldest first; NaN where not known. */
  readonly scores: Float64Array;
  /** When the first hour ends, Unix seconds, and seconds from one to the next. */
  readonly firstEnd: number;
  readonly step: number;
  /** What is known of those that ended before. */
  readonly before?: Pick<PricePast, "shocks" | "worst">;
  /** The days that end at each hour of the day, as `PricePast` has them, by now. */
  readonly days: PricePast["days"];
};

/**
 * Shocks of a price history. A return counts where candles, or a bridge over a short hole (`dailyBars`), cover its
 * day and the day before; volatility is that of days that end where it begins.
 * @param before what came before hourly candles: days that ended by then are its own, and only their returns are read again
 * @param until counts the days that end by then and no others; absent: by the end of the last candle
 */
export function shocksOf(usable: UsableCandles, before: PricePast | null = null, until?: number): Shocks {
  const [step, perDay] = usable.step > HOUR_SECONDS ? [DAY_SECONDS, 1] : [HOUR_SECONDS, 24];
  const { columns, start } = barColumns(usable, step, false);
  const { close } = columns;
  const hours = close.length;
  const scores = new Float64Array(hours).fill(Number.NaN);
  // Of the days that end where this one does: how many were known, their sum, their average so far.
  const [known, sum, average] = ([0, 1, 2] as const).map((column) =>
    Float64Array.from({ length: perDay }, (_, hour) => before?.days[hour]?.[column] ?? 0),
  ) as [Float64Array, Float64Array, Float64Array];
  const [squares, covered] = [addedUp(columns.squaredReturns), addedUp(columns.coveredSeconds)];
  const first = before === null ? 0 : Math.max(0, Math.round((before.until - start) / step));
  const hourOfFirst = (Math.floor(start / step) + 1) % perDay;
  // A day that is half known may end in a hole.
  const end = until === undefined ? hours : Math.min(hours + perDay / 2, (until - start) / step);
  for (let i = first; i < end; i++) {
    const last = Math.min(i, hours - 1);
    const isWhole = i >= perDay;
    const seconds = (covered[last] as number) - (isWhole ? (covered[i - perDay] as number) : 0);
    const squared = (squares[last] as number) - (isWhole ? (squares[i - perDay] as number) : 0);
    if (!(seconds >= LEAST_COVERAGE * DAY_SECONDS && squared > 0)) continue;
    const hour = (hourOfFirst + i) % perDay;
    const today = (squared * DAY_SECONDS) / seconds;
    const variance = average[hour] as number;
    sum[hour] = (sum[hour] as number) + today;
    known[hour] = (known[hour] as number) + 1;
    if ((known[hour] as number) <= SEED_DAYS) {
      average[hour] = variance + today / SEED_DAYS;
      continue;
    }
    average[hour] = ewmaVariance(variance, today, DAILY_DECAY);
    if (seconds !== DAY_SECONDS || i < perDay) continue;
    const yesterday = (covered[i - perDay] as number) - (i >= 2 * perDay ? (covered[i - 2 * perDay] as number) : 0);
    if (yesterday === DAY_SECONDS) {
      scores[i] = Math.log((close[i] as number) / (close[i - perDay] as number)) / Math.sqrt(variance);
    }
  }
  const rest = before === null ? {} : { before: { shocks: before.shocks, worst: before.worst } };
  const days = Array.from(known, (count, hour) => [count, sum[hour] as number, average[hour] as number] as const);
  return { scores, firstEnd: start + step, step, ...rest, days };
}

/** Each value with all before it, in their place. */
function addedUp(values: Float64Array): Float64Array {
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    sum += values[i] as number;
    values[i] = sum;
  }
  return values;
}

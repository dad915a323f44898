import { DAY_SECONDS, HOUR_SECONDS } from "../../domain/calendar.ts";
import type { PriceHistory, PricePast } from "../../domain/observation.ts";
import { usableCandles } from "./dailyBars.ts";
import { shocksOf } from "./shocks.ts";

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

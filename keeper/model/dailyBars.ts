import type { Candle, PriceHistory } from "../domain/observation.ts";
import { remembered } from "./remembered.ts";

/** One span of 24 hours that ends a whole number of days before the last closed candle; day 0 of the result is oldest. */
export type DailyBar = {
  /** End of the span, Unix seconds. */
  readonly end: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volumeUsd: number;
  /** Sum of squared log returns attributed to the span. */
  readonly squaredReturns: number;
  /** Seconds of the span that those returns cover, <= 86400. */
  readonly coveredSeconds: number;
};

/** What was left out while reading candles, by fault. */
export type CandleProblems = { readonly missing: number; readonly future: number; readonly bad: number };

export type DailyBars = { readonly days: readonly (DailyBar | null)[]; readonly problems: CandleProblems };

export const DAY_SECONDS = 86_400;
/** A hole longer than this ends one run of prices and starts another: the return across it is not used at all. */
export const LONGEST_BRIDGE_SECONDS = DAY_SECONDS;

type Draft = { -readonly [K in keyof DailyBar]: DailyBar[K] };

/**
 * Daily bars of a candle history, oldest first, with null for days without any candle. Days are counted back from the
 * last candle closed at or before `now`, not from midnight, so that the newest bar is always a full 24 hours; nothing
 * later than `now` is read. One pass, no allocation per candle.
 *
 * A missing bar is never interpolated. The one return across a hole of at most a day is split over the days it spans in
 * proportion to time (its variance belongs to that time); across a longer hole there is no return. Candles that are
 * later than now, out of order, non-positive, or whose high and low do not contain open and close are dropped.
 */
export const dailyBars = remembered((history: PriceHistory, now: number): DailyBars => {
  const step = history.intervalSeconds;
  const { candles, problems } = usable(history, now);
  const first = candles[0];
  const last = candles.at(-1);
  if (first === undefined || last === undefined) return { days: [], problems };
  const end = last[0] + step;
  const count = Math.ceil((end - first[0]) / DAY_SECONDS);
  const start = end - count * DAY_SECONDS;
  const days: (Draft | null)[] = new Array(count).fill(null);

  let previousClose = first[1];
  let previousEnd = first[0];
  let day: Draft | null = null;
  let [dayStart, dayEnd] = [start, start];
  for (const candle of candles) {
    const time = candle[0];
    const [open, high, low, close] = [candle[1], candle[2], candle[3], candle[4]];
    const closeTime = time + step;
    if (time - previousEnd > LONGEST_BRIDGE_SECONDS) [previousClose, previousEnd] = [open, time];
    if (day === null || time >= dayEnd) {
      day = barAt(days, start, time, open);
      [dayStart, dayEnd] = [day.end - DAY_SECONDS, day.end];
    }
    if (high > day.high) day.high = high;
    if (low < day.low) day.low = low;
    day.close = close;
    day.volumeUsd += candle[5] * ((open + high + low + close) / 4);
    const change = Math.log(close / previousClose);
    if (previousEnd >= dayStart && closeTime <= dayEnd) {
      day.squaredReturns += change * change;
      day.coveredSeconds += closeTime - previousEnd;
    } else attribute(days, start, previousEnd, closeTime, change * change, previousClose);
    [previousClose, previousEnd] = [close, closeTime];
  }
  return { days, problems };
});

/** Spreads a squared return over the days between two times, where it does not lie within one. */
function attribute(
  days: (Draft | null)[],
  start: number,
  from: number,
  to: number,
  squared: number,
  price: number,
): void {
  for (let at = from; at < to; ) {
    const index = Math.floor((at - start) / DAY_SECONDS);
    const until = Math.min(to, start + (index + 1) * DAY_SECONDS);
    const day = barAt(days, start, at, price);
    day.squaredReturns += squared * ((until - at) / (to - from));
    day.coveredSeconds += until - at;
    at = until;
  }
}

function barAt(days: (Draft | null)[], start: number, time: number, price: number): Draft {
  const index = Math.floor((time - start) / DAY_SECONDS);
  const found = days[index];
  if (found) return found;
  const end = start + (index + 1) * DAY_SECONDS;
  const at = { open: price, high: price, low: price, close: price };
  const made: Draft = { end, ...at, volumeUsd: 0, squaredReturns: 0, coveredSeconds: 0 };
  days[index] = made;
  return made;
}

function usable(history: PriceHistory, now: number): { candles: readonly Candle[]; problems: CandleProblems } {
  const step = history.intervalSeconds;
  const all = history.candles;
  // A copy is made only once a candle has to be left out, which is rare.
  let copy: Candle[] | null = null;
  let [missing, future, bad] = [0, 0, 0];
  let last = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < all.length; i++) {
    const candle = all[i] as Candle;
    const time = candle[0];
    if (time + step <= now && wellFormed(candle) && time > last) {
      if (time - last > step && last !== Number.NEGATIVE_INFINITY) missing += Math.round((time - last) / step) - 1;
      copy?.push(candle);
      last = time;
      continue;
    }
    if (time + step > now) future++;
    else bad++;
    copy ??= all.slice(0, i);
  }
  return { candles: copy ?? all, problems: { missing, future, bad } };
}

/** By index: taking a candle apart as a pattern walks an iterator, ten times the cost of the test. */
function wellFormed(candle: Candle): boolean {
  const [open, high, low, close, volume] = [candle[1], candle[2], candle[3], candle[4], candle[5]];
  if (!(Number.isFinite(candle[0]) && low > 0 && volume >= 0 && high < Number.MAX_VALUE)) return false;
  return low <= open && low <= close && high >= open && high >= close && volume < Number.MAX_VALUE;
}

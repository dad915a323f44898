import { DAY_SECONDS } from "../../domain/calendar.ts";
import type { Candle, PriceHistory } from "../../domain/observation.ts";

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
type CandleProblems = { readonly missing: number; readonly future: number; readonly bad: number };

type DailyBars = { readonly days: readonly (DailyBar | null)[]; readonly problems: CandleProblems };

/** A hole longer than this ends one run of prices and starts another: the return across it is not used at all. */
const LONGEST_BRIDGE_SECONDS = 2 * DAY_SECONDS;

/** One column a field, one row a bar: summing into an array costs a fraction of summing into a field of an object. */
type Columns = {
  /** The close is 0 of bars that have no candle, nor part of a hole that is bridged. */
  readonly [K in Exclude<keyof DailyBar, "end">]: Float64Array;
};

/** What bars of any span are made of. */
export type UsableCandles = {
  readonly candles: readonly Candle[];
  /** Seconds of one of them. */
  readonly step: number;
  /** Log return of each since the close before it, or since its own open where that is too long ago. */
  readonly changes: Float64Array;
  readonly problems: CandleProblems;
};

/**
 * Daily bars of a candle history, oldest first, with null for days without any candle. Days are counted back from the
 * last candle closed at or before `now`, not from midnight, so that the newest bar is always a full 24 hours; nothing
 * later than `now` is read. No allocation per candle.
 *
 * A missing bar is never interpolated. The one return across a hole of at most two days is split over the days it spans in
 * proportion to time (its variance belongs to that time); across a longer hole there is no return. Candles that are
 * later than now, out of order, non-positive, or whose high and low do not contain open and close are dropped.
 */
export function dailyBars(usable: UsableCandles): DailyBars {
  const { columns, start } = barColumns(usable, DAY_SECONDS);
  return { days: barsOf(columns, start), problems: usable.problems };
}

/**
 * Bars of `span` seconds as `dailyBars` has them of days, by field; without prices, of these only the close. `start`: when the
 * first begins, Unix seconds.
 */
export function barColumns({ candles, step, changes }: UsableCandles, span: number, withPrices = true) {
  const first = candles[0];
  const last = candles.at(-1);
  if (first === undefined || last === undefined) return { columns: emptyColumns(0, 0), start: 0 };
  const end = last[0] + step;
  const count = Math.ceil((end - first[0]) / span);
  const start = end - count * span;
  const columns = emptyColumns(count, withPrices ? count : 0);
  const { high, low, close, volumeUsd, squaredReturns, coveredSeconds } = columns;
  const bars = { columns, start, span };

  let previousClose = first[1];
  let previousEnd = first[0];
  let bar = 0;
  let barStart = start;
  let barEnd = start;
  // No patterns in here: each walks an iterator, and that costs more than everything else about a candle.
  for (let i = 0; i < candles.length; i++) {
    const candle = candles[i] as Candle;
    const time = candle[0];
    const opened = candle[1];
    const highest = candle[2];
    const lowest = candle[3];
    const closed = candle[4];
    const closeTime = time + step;
    if (time - previousEnd > LONGEST_BRIDGE_SECONDS) {
      previousClose = opened;
      previousEnd = time;
    }
    if (time >= barEnd) {
      bar = barAt(bars, time, opened);
      barStart = start + bar * span;
      barEnd = barStart + span;
    }
    close[bar] = closed;
    if (withPrices) {
      if (highest > (high[bar] as number)) high[bar] = highest;
      if (lowest < (low[bar] as number)) low[bar] = lowest;
      volumeUsd[bar] = (volumeUsd[bar] as number) + candle[5] * ((opened + highest + lowest + closed) / 4);
    }
    const change = changes[i] as number;
    if (previousEnd >= barStart && closeTime <= barEnd) {
      squaredReturns[bar] = (squaredReturns[bar] as number) + change * change;
      coveredSeconds[bar] = (coveredSeconds[bar] as number) + (closeTime - previousEnd);
    } else attribute(bars, previousEnd, closeTime, change * change, previousClose);
    previousClose = closed;
    previousEnd = closeTime;
  }
  return { columns, start };
}

type Bars = { readonly columns: Columns; readonly start: number; readonly span: number };

/** Spreads a squared return over the bars between two times, where it does not lie within one. */
function attribute(bars: Bars, from: number, to: number, squared: number, price: number): void {
  const { squaredReturns, coveredSeconds } = bars.columns;
  for (let at = from; at < to; ) {
    const bar = barAt(bars, at, price);
    const until = Math.min(to, bars.start + (bar + 1) * bars.span);
    squaredReturns[bar] = (squaredReturns[bar] as number) + squared * ((until - at) / (to - from));
    coveredSeconds[bar] = (coveredSeconds[bar] as number) + (until - at);
    at = until;
  }
}

/** Number of the bar of a time; one that had no candle yet begins at this price. */
function barAt({ columns, start, span }: Bars, time: number, price: number): number {
  const bar = Math.floor((time - start) / span);
  if (columns.close[bar] !== 0) return bar;
  columns.close[bar] = price;
  if (columns.open.length === 0) return bar;
  columns.open[bar] = price;
  columns.high[bar] = price;
  columns.low[bar] = price;
  return bar;
}

function emptyColumns(count: number, prices: number): Columns {
  const zeros = (length: number) => new Float64Array(length);
  return {
    ...{ open: zeros(prices), high: zeros(prices), low: zeros(prices), volumeUsd: zeros(prices) },
    ...{ close: zeros(count), squaredReturns: zeros(count), coveredSeconds: zeros(count) },
  };
}

function barsOf(columns: Columns, start: number): (DailyBar | null)[] {
  const at = (column: Float64Array, day: number) => column[day] as number;
  return Array.from(columns.close, (close, day) =>
    close === 0
      ? null
      : {
          end: start + (day + 1) * DAY_SECONDS,
          open: at(columns.open, day),
          high: at(columns.high, day),
          low: at(columns.low, day),
          close,
          volumeUsd: at(columns.volumeUsd, day),
          squaredReturns: at(columns.squaredReturns, day),
          coveredSeconds: at(columns.coveredSeconds, day),
        },
  );
}

/** Candles of a history that closed at or before `now`, without those that are none (`dailyBars`), and what was left out. */
export function usableCandles(history: PriceHistory, now: number): UsableCandles {
  const step = history.intervalSeconds;
  const all = history.candles;
  const changes = new Float64Array(all.length);
  // A copy is made only once a candle has to be left out, which is rare.
  let copy: Candle[] | null = null;
  let size = 0;
  let missing = 0;
  let future = 0;
  let bad = 0;
  let last = Number.NEGATIVE_INFINITY;
  let before = Number.NaN;
  for (let i = 0; i < all.length; i++) {
    const candle = all[i] as Candle;
    const time = candle[0];
    if (time + step <= now && wellFormed(candle) && time > last) {
      const hole = time - (last + step);
      if (hole > 0 && size > 0) missing += Math.round(hole / step);
      if (hole > LONGEST_BRIDGE_SECONDS) before = candle[1];
      changes[size++] = Math.log(candle[4] / before);
      copy?.push(candle);
      before = candle[4];
      last = time;
      continue;
    }
    if (time + step > now) future++;
    else bad++;
    copy ??= all.slice(0, i);
  }
  return { candles: copy ?? all, step, changes, problems: { missing, future, bad } };
}

/** By index: taking a candle apart as a pattern walks an iterator, ten times the cost of the test. */
function wellFormed(candle: Candle): boolean {
  const open = candle[1];
  const high = candle[2];
  const low = candle[3];
  const close = candle[4];
  const volume = candle[5];
  if (!(Number.isFinite(candle[0]) && low > 0 && volume >= 0 && high < Number.MAX_VALUE)) return false;
  return low <= open && low <= close && high >= open && high >= close && volume < Number.MAX_VALUE;
}

/** A day of which less than this share is covered by returns says nothing. */
export const LEAST_COVERAGE = 0.5;

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

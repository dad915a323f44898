import { HOUR_SECONDS } from "../../../keeper/domain/calendar.ts";
import type { Candle } from "../../../keeper/domain/observation.ts";

/** One row of a recorded board. Prices in coin, `iv` as a fraction, `forward` and `index` in USD. */
export type BoardRow = {
  readonly instrument: string;
  readonly forward: number;
  readonly index: number;
  readonly bid: number | null;
  readonly ask: number | null;
  readonly mark: number;
  readonly iv: number;
  readonly openInterest: number;
  readonly volume24h: number;
};

/** A board as it stood at `time`, Unix seconds. */
export type Board = { readonly time: number; readonly rows: readonly BoardRow[] };

/** A bar of the volatility index: start in Unix seconds, its length in seconds, values in percent a year. */
export type IndexBar = {
  readonly time: number;
  readonly length: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
};

/**
 * Market data to replay. Every method takes `asOf` (Unix seconds) and answers with what was known then and nothing
 * later; a bar is known once it has closed. This is the one place where the future is kept out.
 */
export type ReplaySource = {
  readonly name: "recorded" | "generated";
  /** Currencies with options and a volatility index, e.g. ["BTC", "ETH"]. */
  readonly currencies: readonly string[];
  /** Instruments with candles, e.g. ["BTC-PERPETUAL", "ETH-PERPETUAL"]. */
  readonly instruments: readonly string[];
  /** Times of all boards in [from, to], ascending, Unix seconds. The calendar of the replay, not data. */
  instants(from: number, to: number): readonly number[];
  /** The last board at or before `asOf` in the same unbroken run, or null. */
  board(currency: string, asOf: number): Board | null;
  /** Closed hourly candles with start in [from, to], oldest first. */
  candles(instrument: string, from: number, to: number, asOf: number): readonly Candle[];
  /** Closed index bars with start in [from, to], oldest first; daily where no hourly ones are known. */
  indexBars(currency: string, from: number, to: number, asOf: number): readonly IndexBar[];
};

type Span = readonly [from: number, to: number];

/** The hourly candles whose start lies in the span and that have closed by `asOf`, of a list ascending by start. */
export function closedCandles(candles: readonly Candle[], span: Span, asOf: number): readonly Candle[] {
  const startOf = ([time]: Candle) => time;
  return closedBetween(candles, startOf, () => HOUR_SECONDS, span, asOf);
}

/** The same of bars of an index. */
export function closedBars(bars: readonly IndexBar[], span: Span, asOf: number): readonly IndexBar[] {
  const lengthOf = ({ length }: IndexBar) => length;
  return closedBetween(bars, ({ time }) => time, lengthOf, span, asOf);
}

function closedBetween<T>(
  bars: readonly T[],
  startOf: (bar: T) => number,
  lengthOf: (bar: T) => number,
  [from, to]: Span,
  asOf: number,
): readonly T[] {
  const first = lowerBound(bars, startOf, from);
  const end = lowerBound(bars, startOf, Math.min(to, asOf) + 1);
  const inside = bars.slice(first, end);
  while (inside.length > 0) {
    const last = inside.at(-1);
    if (last === undefined || startOf(last) + lengthOf(last) <= asOf) break;
    inside.pop();
  }
  return inside;
}

/** Index of the first member whose key is at least `key`; the length when there is none. */
export function lowerBound<T>(sorted: readonly T[], keyOf: (member: T) => number, key: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const member = sorted[middle];
    if (member !== undefined && keyOf(member) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

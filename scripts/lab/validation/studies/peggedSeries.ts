import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { HOUR_SECONDS } from "../../../../keeper/domain/calendar.ts";
import { upperMedian } from "../../../../keeper/domain/numbers.ts";
import type { Candle } from "../../../../keeper/domain/observation.ts";
import { csvNumbers } from "../../replay/csvNumbers.ts";
import { type Spans, withheldIn } from "../../replay/withheld.ts";
import { present } from "../backtest/loadSeries.ts";
import { type PriceSeries, priceSeries } from "../backtest/priceSeries.ts";

/** A sample this much older than the end of an hour does not stand for it. */
const OLDEST_SECONDS = HOUR_SECONDS;

/** Hourly dollar prices of one symbol from the recorded composite. */
export function compositeSeries(folder: string, symbol: string): PriceSeries {
  return sampledSeries(folder, "depeg/coingecko_hourly_usd_2021-01_2023-02.csv.gz", symbol);
}

/** Hourly price in ether of one symbol as a lender's feed gave it. */
export function feedSeries(folder: string, symbol: string): PriceSeries {
  return sampledSeries(folder, "depeg/compoundv3_oracle_cbETH_rETH_in_eth_hourly.csv.gz", symbol);
}

/** Trailing days of which the median is what a claim was worth, and how much of them must be there. */
const CLAIM_DAYS = 30;
const CLAIM_LEAST = 24;

/**
 * A growing claim as a ratio to itself: the price over the highest trailing median of 30 days so far. Staked coins that keep
 * their rewards rise by a few per cent a year, and their own rate is not in the recordings; what they were worth for a month
 * stands for it, so a discount that was there from the first day on is not seen.
 */
export function againstClaim(series: PriceSeries): PriceSeries {
  const { closes, closeTimes, stepSeconds } = series;
  const window: number[] = [];
  let [first, claim] = [0, 0];
  const ratios: (readonly [time: number, price: number])[] = [];
  for (const [i, close] of closes.entries()) {
    const time = closeTimes[i] ?? 0;
    while ((closeTimes[first] ?? time) < time - CLAIM_DAYS * 24 * HOUR_SECONDS)
      removeSorted(window, closes[first++] ?? 0);
    if (window.length >= CLAIM_LEAST) claim = Math.max(claim, window[window.length >> 1] ?? 0);
    if (claim > 0) ratios.push([time - stepSeconds, close / claim]);
    insertSorted(window, close);
  }
  return fromCloses(series.name, ratios, series.withheld);
}

function placeIn(sorted: readonly number[], value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function insertSorted(sorted: number[], value: number): void {
  sorted.splice(placeIn(sorted, value), 0, value);
}

function removeSorted(sorted: number[], value: number): void {
  sorted.splice(placeIn(sorted, value), 1);
}

/** Hours of which a ratio of composite prices is the median: the two may have been taken half an hour apart. */
const APART_HOURS = 5;

/** A ratio without what only the moments of its two prices made: the median of the last five hours. */
export function calmedRatio(series: PriceSeries): PriceSeries {
  const { closes, closeTimes, stepSeconds } = series;
  const middle = (i: number) => upperMedian([...closes.slice(Math.max(0, i - APART_HOURS + 1), i + 1)]) ?? Number.NaN;
  const rows = Array.from(closeTimes, (time, i) => [time - stepSeconds, middle(i)] as const);
  return fromCloses(series.name, rows, series.withheld);
}

/** The product of two series at the closes both have. */
export function productSeries(name: string, a: PriceSeries, b: PriceSeries): PriceSeries {
  const other = new Map(Array.from(b.closeTimes, (time, i) => [time, b.closes[i] ?? 0]));
  return fromCloses(
    name,
    Array.from(a.closeTimes).flatMap((time, i) => {
      const price = other.get(time);
      return price === undefined ? [] : [[time - a.stepSeconds, (a.closes[i] ?? 0) * price] as const];
    }),
    a.withheld,
  );
}

/** Hourly prices of one symbol from samples at odd minutes; the last of each hour counts. */
function sampledSeries(folder: string, file: string, symbol: string): PriceSeries {
  const text = gunzipSync(readFileSync(present(folder, file))).toString("utf8");
  const lastOfHour = new Map<number, number>();
  for (const line of text.split("\n")) {
    if (!line.startsWith(`${symbol},`)) continue;
    const [, time, price] = line.split(",");
    // A later sample of the same hour replaces an earlier one.
    lastOfHour.set(Math.floor(Number(time) / HOUR_SECONDS) * HOUR_SECONDS, Number(price));
  }
  return fromCloses(
    symbol,
    [...lastOfHour].sort(([a], [b]) => a - b),
    withheldIn(folder),
  );
}

/** Dollars (of the other stable coin) per USDC each hour by the price tick of a recorded pool. */
export function poolSeries(folder: string): {
  readonly series: PriceSeries;
  readonly liquidity: ReadonlyMap<number, number>;
} {
  const rows = csvNumbers(
    present(folder, "uniswap_v3/pool_USDC_USDT_001_hourly_state.csv.gz"),
    "t,block,tick,liquidity",
  );
  const closes = rows.map(([time = 0, , tick = 0]) => [time - HOUR_SECONDS, 1.0001 ** tick] as const);
  return {
    series: fromCloses("USDC", closes, withheldIn(folder)),
    liquidity: new Map(rows.map(([time = 0, , , liquidity = 0]) => [time, liquidity])),
  };
}

/** Candles whose open is the close before; without a hole only, else they open where they close. */
function fromCloses(
  name: string,
  closes: readonly (readonly [time: number, price: number])[],
  withheld: Spans,
): PriceSeries {
  let [previousTime, previous] = [Number.NaN, Number.NaN];
  const candles: Candle[] = closes.map(([time, close]) => {
    const open = time - previousTime <= OLDEST_SECONDS ? previous : close;
    [previousTime, previous] = [time, close];
    return [time, open, Math.max(open, close), Math.min(open, close), close, 0];
  });
  return priceSeries(name, HOUR_SECONDS, candles, withheld);
}

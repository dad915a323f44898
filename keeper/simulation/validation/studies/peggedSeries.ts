import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { Candle } from "../../../domain/observation.ts";
import { csvNumbers } from "../../replay/csvNumbers.ts";
import { present } from "../backtest/loadSeries.ts";
import { type PriceSeries, priceSeries } from "../backtest/priceSeries.ts";

const HOUR = 3600;
/** A sample this much older than the end of an hour does not stand for it. */
const OLDEST_SECONDS = HOUR;

/** Hourly dollar prices of one symbol from the recorded composite (samples at odd minutes; the last of each hour counts). */
export function compositeSeries(folder: string, symbol: string): PriceSeries {
  const file = "depeg/coingecko_hourly_usd_2021-01_2023-02.csv.gz";
  const text = gunzipSync(readFileSync(present(folder, file))).toString("utf8");
  const lastOfHour = new Map<number, number>();
  for (const line of text.split("\n")) {
    if (!line.startsWith(`${symbol},`)) continue;
    const [, time, price] = line.split(",");
    // A later sample of the same hour replaces an earlier one.
    lastOfHour.set(Math.floor(Number(time) / HOUR) * HOUR, Number(price));
  }
  return fromCloses(
    symbol,
    [...lastOfHour].sort(([a], [b]) => a - b),
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
  const closes = rows.map(([time = 0, , tick = 0]) => [time - HOUR, 1.0001 ** tick] as const);
  return {
    series: fromCloses("USDC", closes),
    liquidity: new Map(rows.map(([time = 0, , , liquidity = 0]) => [time, liquidity])),
  };
}

/** Candles whose open is the close before; without a hole only, else they open where they close. */
function fromCloses(name: string, closes: readonly (readonly [time: number, price: number])[]): PriceSeries {
  let [previousTime, previous] = [Number.NaN, Number.NaN];
  const candles: Candle[] = closes.map(([time, close]) => {
    const open = time - previousTime <= OLDEST_SECONDS ? previous : close;
    [previousTime, previous] = [time, close];
    return [time, open, Math.max(open, close), Math.min(open, close), close, 0];
  });
  return priceSeries(name, HOUR, candles);
}

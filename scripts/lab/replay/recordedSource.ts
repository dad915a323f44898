import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { DAY_SECONDS, HOUR_SECONDS } from "../../../keeper/domain/calendar.ts";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import type { Candle } from "../../../keeper/domain/observation.ts";
import { type ChainFile, openChainFile } from "./chainFile.ts";
import { csvNumbers } from "./csvNumbers.ts";
import { closedBars, closedCandles, type IndexBar, lowerBound, type ReplaySource } from "./replaySource.ts";
import { type Spans, sameRun, withheldIn } from "./withheld.ts";

const CURRENCIES = ["BTC", "ETH"];
/** Which recording stands in for which instrument: Binance quotes in USDT, Deribit in USD or USDC. */
const CANDLE_FILES: Readonly<Record<string, string>> = {
  "BTC-PERPETUAL": "ohlcv/binance_usdm_perp_BTCUSDT_1h.csv.gz",
  "ETH-PERPETUAL": "ohlcv/binance_usdm_perp_ETHUSDT_1h.csv.gz",
  BTC_USDC: "ohlcv/binance_spot_BTCUSDT_1h.csv.gz",
  ETH_USDC: "ohlcv/binance_spot_ETHUSDT_1h.csv.gz",
};

/**
 * The recorded data of a folder laid out as its PROVENANCE.md says. Opens nothing now: a month of chains, a candle file
 * or an index file is read when it is first asked for, and kept.
 * @throws TonsorError BAD_FILE when the folder holds no chains
 */
export function recordedSource(folder: string): ReplaySource {
  const options = join(folder, "options");
  const months = new Map<string, string>();
  for (const name of existsSync(options) ? readdirSync(options).sort() : []) {
    const month = /^deribit_chain_(\d{4}-\d{2})\.csv\.gz$/.exec(name)?.[1];
    if (month !== undefined) months.set(month, join(options, name));
  }
  if (months.size === 0) {
    throw new TonsorError("BAD_FILE", "no recorded chains", {
      field: "folder",
      given: folder,
      expected: "options/deribit_chain_YYYY-MM.csv.gz inside",
    });
  }
  const withheld = withheldIn(folder);
  const chain = remember((month: string) => openChainFile(months.get(month) ?? ""));
  const candles = remember((instrument: string) => readCandles(join(folder, CANDLE_FILES[instrument] ?? "")));
  const index = remember((currency: string) => readIndex(folder, currency, withheld));
  const times = (from: number, to: number) =>
    [...months.keys()].filter((month) => month >= monthOf(from) && month <= monthOf(to)).flatMap((m) => chain(m).times);

  return {
    name: "recorded",
    currencies: CURRENCIES,
    instruments: Object.keys(CANDLE_FILES).filter((name) => existsSync(join(folder, CANDLE_FILES[name] ?? ""))),
    instants: (from, to) => times(from, to).filter((time) => time >= from && time <= to),
    board(currency, asOf) {
      // Newest month first, and only as many as needed: usually one.
      for (const month of [...months.keys()].filter((name) => name <= monthOf(asOf)).reverse()) {
        const file: ChainFile = chain(month);
        const time = file.times[lowerBound(file.times, (t) => t, asOf + 1) - 1];
        if (time !== undefined) return sameRun(withheld, time, asOf) ? file.board(currency, time) : null;
      }
      return null;
    },
    candles(instrument, from, to, asOf) {
      if (CANDLE_FILES[instrument] === undefined) return [];
      return closedCandles(candles(instrument), [from, to], asOf);
    },
    indexBars(currency, from, to, asOf) {
      if (!CURRENCIES.includes(currency)) return [];
      return closedBars(index(currency), [from, to], asOf);
    },
  };
}

function readCandles(path: string): readonly Candle[] {
  const rows = csvNumbers(path, "t,open,high,low,close,volume");
  return rows.map(([t = 0, open = 0, high = 0, low = 0, close = 0, volume = 0]) => [t, open, high, low, close, volume]);
}

/** Hourly bars where recorded, daily ones for the days after. A daily file holds closes only: a bar is one level. */
function readIndex(folder: string, currency: string, withheld: Spans): readonly IndexBar[] {
  const hourlyPath = join(folder, `dvol/deribit_dvol_${currency}_1h.csv.gz`);
  const dailyPath = join(folder, `dvol/deribit_dvol_${currency}_1d.csv`);
  const hourly = existsSync(hourlyPath) ? csvNumbers(hourlyPath, "t,open,high,low,close") : [];
  const daily = existsSync(dailyPath) ? csvNumbers(dailyPath, "day,close") : [];
  const bars: IndexBar[] = hourly.map(([time = 0, open = 0, high = 0, low = 0, close = 0]) => ({
    time,
    length: HOUR_SECONDS,
    open,
    high,
    low,
    close,
  }));
  const end = (bars.at(-1)?.time ?? Number.NEGATIVE_INFINITY) + HOUR_SECONDS;
  for (const [time = 0, close = 0] of daily) {
    if (time >= end) bars.push({ time, length: DAY_SECONDS, open: close, high: close, low: close, close });
  }
  return bars.filter((bar) => withheld.every(([from, to]) => bar.time < from || bar.time >= to));
}

function monthOf(time: number): string {
  return new Date(time * 1000).toISOString().slice(0, 7);
}

function remember<T>(read: (key: string) => T): (key: string) => T {
  const known = new Map<string, T>();
  return (key) => {
    const found = known.get(key);
    if (found !== undefined) return found;
    const value = read(key);
    known.set(key, value);
    return value;
  };
}

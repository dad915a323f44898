import { DAY_SECONDS, HOUR_SECONDS, YEAR_HOURS } from "../../../../keeper/domain/calendar.ts";
import type { Candle } from "../../../../keeper/domain/observation.ts";
import { CRASH_END, CRASH_START, crashState, TURNING_TIMES } from "./crashScenario.ts";
import { type Random, randomStream } from "./random.ts";

/** Days of candles before the crash: filtered historical simulation wants 500, and some to spare. */
const PRIOR_DAYS = 600;
export const PATH_START = CRASH_START - PRIOR_DAYS * DAY_SECONDS;

/** Hourly GARCH(1,1) before the crash: persistence 0.995 an hour, so a burst of volatility halves in about six days. */
const GARCH = { alpha: 0.04, beta: 0.955, longRunVol: 0.52 };
/** Correlation of the two currencies' shocks. */
const CORRELATION = 0.8;

/** What sets one currency apart. */
export type Asset = {
  readonly currency: string;
  /** Price at the start of the crash, USD. */
  readonly price: number;
  /** Volatility and crash in logarithms, relative to ETH. */
  readonly scale: number;
  /** Base units traded in a calm hour. */
  readonly hourlyVolume: number;
};

/** One currency's path, hour by hour from PATH_START to CRASH_END. */
export type PricePath = {
  readonly candles: readonly Candle[];
  /** Annualised volatility in force during each candle. */
  readonly vols: readonly number[];
  /** Price at any time inside the path, USD: on the line between the hours, in logarithms. */
  priceAt(time: number): number;
};

/** The path of an asset for a seed: clustered volatility up to the crash, then the scenario's path with noise. */
export function pricePath(seed: number, asset: Asset): PricePath {
  const common = randomStream(seed, "common");
  const own = randomStream(seed, asset.currency);
  const shock = () => CORRELATION * common.student() + Math.sqrt(1 - CORRELATION ** 2) * own.student();
  const prior = garch(shock, (CRASH_START - PATH_START) / HOUR_SECONDS, asset.scale);
  const crash = crashReturns(shock, asset.scale);
  const returns = [...prior.returns, ...crash.returns];
  const vols = [...prior.vols, ...crash.vols];
  // The path is laid backwards and forwards from the known price at the start of the crash.
  let log = Math.log(asset.price) - prior.returns.reduce((sum, value) => sum + value, 0);
  const levels = [log, ...returns.map((value) => (log += value))];
  const bars = randomStream(seed, `${asset.currency} bars`);
  const candles = returns.map((_, at) => candle(at, levels, vols[at] ?? 0, asset, bars));
  return {
    candles,
    vols,
    priceAt(time) {
      const at = Math.min(Math.max((time - PATH_START) / HOUR_SECONDS, 0), returns.length);
      const before = levels[Math.floor(at)] ?? log;
      const after = levels[Math.ceil(at)] ?? log;
      return Math.exp(before + (after - before) * (at - Math.floor(at)));
    },
  };
}

type Returns = { readonly returns: readonly number[]; readonly vols: readonly number[] };

function garch(shock: () => number, hours: number, scale: number): Returns {
  const longRun = (GARCH.longRunVol * scale) ** 2 / YEAR_HOURS;
  let variance = longRun;
  const returns: number[] = [];
  const vols: number[] = [];
  for (let hour = 0; hour < hours; hour += 1) {
    const value = Math.sqrt(variance) * shock();
    returns.push(value);
    vols.push(Math.sqrt(variance * YEAR_HOURS));
    variance = (1 - GARCH.alpha - GARCH.beta) * longRun + GARCH.alpha * value ** 2 + GARCH.beta * variance;
  }
  return { returns, vols };
}

/** Noise at the scenario's volatility, bent so that every turning point is met (a Brownian bridge between them). */
function crashReturns(shock: () => number, scale: number): Returns {
  const hours = (CRASH_END - CRASH_START) / HOUR_SECONDS;
  const timeOf = (hour: number) => CRASH_START + hour * HOUR_SECONDS;
  const vols = Array.from({ length: hours }, (_, hour) => crashState(timeOf(hour)).shortVol * scale * 0.85);
  const noise = vols.map((vol) => (vol / Math.sqrt(YEAR_HOURS)) * shock());
  const turns = [...new Set(TURNING_TIMES.map((time) => Math.round((time - CRASH_START) / HOUR_SECONDS)))];
  const returns = [...noise];
  for (let turn = 1; turn < turns.length; turn += 1) {
    const [first = 0, last = 0] = [turns[turn - 1], turns[turn]];
    const target = scale * Math.log(crashState(timeOf(last)).price / crashState(timeOf(first)).price);
    const sum = noise.slice(first, last).reduce((total, value) => total + value, 0);
    for (let hour = first; hour < last; hour += 1) {
      returns[hour] = (noise[hour] ?? 0) + (target - sum) / (last - first);
    }
  }
  return { returns, vols };
}

function candle(at: number, levels: readonly number[], vol: number, asset: Asset, random: Random): Candle {
  const open = Math.exp(levels[at] ?? 0);
  const close = Math.exp(levels[at + 1] ?? 0);
  const hourly = vol / Math.sqrt(YEAR_HOURS);
  const high = Math.max(open, close) * Math.exp(hourly * 0.4 * Math.abs(random.normal()));
  const low = Math.min(open, close) * Math.exp(-hourly * 0.4 * Math.abs(random.normal()));
  const excitement = 1 + 0.6 * (Math.abs(Math.log(close / open)) / hourly) + Math.max(0, vol / 0.5 - 1);
  const volume = asset.hourlyVolume * excitement * Math.exp(0.35 * random.normal());
  return [
    PATH_START + at * HOUR_SECONDS,
    cents(open),
    cents(high),
    cents(low),
    cents(close),
    Number(volume.toFixed(3)),
  ];
}

function cents(price: number): number {
  return Number(price.toFixed(2));
}

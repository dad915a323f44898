import { DAY_SECONDS, HOUR_SECONDS } from "../../../keeper/domain/calendar.ts";
import { historicalTail } from "../../../keeper/model/history/historicalTail.ts";
import { historyVolatility } from "../../../keeper/model/history/historyVolatility.ts";
import { CANARIES, leaking } from "./backtest/canary.ts";
import type { Estimates } from "./backtest/estimates.ts";
import { leakCheck } from "./backtest/leakCheck.ts";
import { historyUntil, type PriceSeries, priceSeries } from "./backtest/priceSeries.ts";
import { walkForward } from "./backtest/walkForward.ts";
import type { World } from "./backtest/world.ts";
import { uniforms } from "./statistics/random.ts";

/** Checks of the harness itself, made in every run. */
export type Integrity = {
  /** Origins at which the live functions were asked as well, and the largest relative difference found. */
  readonly recomputed: number;
  readonly largestDifference: number;
  /** Futures replaced, numbers that changed because of it (must be 0), and canaries caught of those let loose. */
  readonly cuts: number;
  readonly leaks: readonly string[];
  readonly canaries: readonly { readonly name: string; readonly sin: string; readonly caught: boolean }[];
};

/** Days of the slice that leaks are looked for in: the model needs 90 to begin and 210 for log-HAR. */
const SLICE_DAYS = 260;

/** True when the fast pass agrees with the live functions, nothing leaks, and every canary was caught. */
export function isSound({ largestDifference, leaks, canaries }: Integrity): boolean {
  return largestDifference < 1e-9 && leaks.length === 0 && canaries.every(({ caught }) => caught);
}

/** Recomputes a sample, replaces futures and lets the canaries loose, on the newest part of each world. */
export function integrity(
  worlds: readonly { readonly world: World; readonly estimates: Estimates }[],
  samples: number,
  seed: number,
): Integrity {
  let largest = 0;
  const leaks: string[] = [];
  let cuts = 0;
  const caught = new Map(CANARIES.map(({ name }) => [name, true]));
  for (const [n, { world, estimates }] of worlds.entries()) {
    largest = Math.max(largest, largestDifference(world.series, estimates, world.model.tailLevel, samples, seed + n));
    const slice = sliced(world, SLICE_DAYS * DAY_SECONDS);
    const end = slice.series.closeTimes.at(-1) ?? 0;
    const moments = [end - 20 * DAY_SECONDS, end - 3 * DAY_SECONDS - HOUR_SECONDS * 7];
    cuts += moments.length;
    for (const { column, time } of leakCheck(slice, walkForward, moments, seed)) {
      leaks.push(`${slice.series.name}: ${column} at ${new Date(time * 1000).toISOString()}`);
    }
    for (const canary of CANARIES) {
      if (leakCheck(slice, leaking(canary), moments.slice(0, 1), seed).length === 0) caught.set(canary.name, false);
    }
  }
  return {
    recomputed: samples * worlds.length,
    largestDifference: largest,
    cuts,
    leaks,
    canaries: CANARIES.map(({ name, sin }) => ({ name, sin, caught: caught.get(name) ?? false })),
  };
}

function largestDifference(series: PriceSeries, fast: Estimates, level: number, samples: number, seed: number): number {
  const random = uniforms(seed);
  let largest = 0;
  for (let sample = 0; sample < samples; sample++) {
    const i = Math.floor(random() * series.candles.length);
    const [history, now] = [historyUntil(series, i), series.closeTimes[i] ?? 0];
    const slow = historyVolatility(history, now);
    const tail = historicalTail(slow.shocks, 0.6, 24, level)?.multiple ?? null;
    const pairs = [
      [fast.har[i], slow.har],
      [fast.ewma[i], slow.ewma],
      [fast.longRun[i], slow.longRun],
      [fast.realised[i], slow.realised30d],
      [fast.tailMultiple[i], tail],
    ] as const;
    for (const [a = Number.NaN, b] of pairs) {
      const same = b === null ? Number.isNaN(a) : Math.abs(a - b) / Math.abs(b);
      largest = Math.max(
        largest,
        same === true ? 0 : same === false || Number.isNaN(same) ? Number.POSITIVE_INFINITY : same,
      );
    }
  }
  return largest;
}

function sliced(world: World, seconds: number): World {
  const { series } = world;
  const from = (series.closeTimes.at(-1) ?? 0) - seconds;
  const candles = series.candles.filter(([time]) => time >= from);
  return { ...world, series: priceSeries(series.name, series.stepSeconds, candles, series.withheld) };
}

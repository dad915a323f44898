import { segmentsOf } from "../market/segments.ts";
import type { Asset } from "../validation/backtest/assets.ts";
import { type Estimates, estimatesOf } from "../validation/backtest/estimates.ts";
import { between, type PriceSeries } from "../validation/backtest/priceSeries.ts";
import { walkForward } from "../validation/backtest/walkForward.ts";
import type { World } from "../validation/backtest/world.ts";
import type { Books, DepthFamily } from "./depthFamilies.ts";
import { CRASH_FALL, regimesOf } from "./regimes.ts";
import { type FrontierRule, pathsOf, type RulePath } from "./rules.ts";

/** An asset as it is judged: its full hours from the first at which rules can speak, in stretches without a hole. */
export type Subject = {
  readonly asset: Asset;
  readonly world: World;
  readonly books: Books | null;
  readonly estimates: { readonly own: Estimates; readonly transfer?: Estimates };
  readonly times: Float64Array;
  readonly closes: Float64Array;
  /** Tokens traded in each hour. */
  readonly volumes: Float64Array;
  /** Places in `REGIMES`. */
  readonly regimes: Uint8Array;
  readonly stretches: readonly Stretch[];
};

/** Hours of one stretch, those of an exchange's short halt filled in; `origin`: the last of the subject's hours by then. */
export type Stretch = {
  readonly times: Float64Array;
  readonly prices: Float64Array;
  readonly origin: Int32Array;
};

const HOUR = 3_600;

/** The world of an asset as it was known at `cut`: nothing later is in it. */
export function worldUntil(world: World, cut: number): World {
  const early = (series: PriceSeries) => between(series, Number.NEGATIVE_INFINITY, cut - series.stepSeconds + 1);
  const index = (one: World["index"]) => {
    if (one === null) return null;
    const count = one.times.findIndex((time) => time > cut);
    const last = count < 0 ? one.times.length : count;
    return { times: one.times.subarray(0, last), values: one.values.subarray(0, last) };
  };
  const { transfer } = world;
  return {
    ...world,
    series: early(world.series),
    index: index(world.index),
    transfer:
      transfer === null
        ? null
        : { series: early(transfer.series), index: index(transfer.index) as NonNullable<World["index"]> },
  };
}

/**
 * Makes a world ready to be judged.
 * @param memoryDays of candles that rules keep; null: all
 */
export function subjectOf(asset: Asset, world: World, books: Books | null, memoryDays: number | null): Subject {
  const { series, transfer, model } = world;
  const own = estimatesOf(series, model.tailLevel, memoryDays);
  // Of the stand-in the last month alone counts, which every memory holds.
  const stand = transfer === null ? {} : { transfer: estimatesOf(transfer.series, model.tailLevel) };
  // The walk's own origins: full hours at which long-run volatility is known.
  const at = [...series.closeTimes.keys()].filter((i) => {
    return (series.closeTimes[i] as number) % HOUR === 0 && !Number.isNaN(own.longRun[i]);
  });
  const take = (values: ArrayLike<number>) => Float64Array.from(at, (i) => values[i] as number);
  const [times, closes] = [take(series.closeTimes), take(series.closes)];
  const stretches = segmentsOf(times, closes, HOUR).map(({ times: hours, values }) => {
    let last = 0;
    const origin = Int32Array.from(hours, (time) => {
      while (last + 1 < times.length && (times[last + 1] as number) <= time) last += 1;
      return last;
    });
    return { times: hours, prices: values, origin };
  });
  return {
    ...{ asset, world, books, estimates: { own, ...stand }, times, closes, stretches },
    volumes: take(series.candles.map((candle) => candle[5])),
    regimes: regimesOf(times, closes, CRASH_FALL[asset.class]),
  };
}

/**
 * Depth at each of a subject's hours over its mean in a span; NaN where it is not known. Null when nothing of it is known
 * in the span.
 */
export function depthOf(subject: Subject, family: DepthFamily, from: number, to: number): Float64Array | null {
  const { times, closes: prices, volumes, books } = subject;
  const path = family.path({ times, prices, volumes, books });
  let [sum, n] = [0, 0];
  for (let i = 0; i < path.length; i += 1) {
    if (Number.isNaN(path[i]) || (times[i] as number) < from || (times[i] as number) >= to) continue;
    sum += path[i] as number;
    n += 1;
  }
  return n === 0 ? null : path.map((one) => (one * n) / sum);
}

/**
 * What every rule says over a subject's hours when depth is as given: this model and SmartLTV are shown it as tokens that
 * sell at once, `depthOverCap` of the cap where depth is as usual.
 */
export function rulesOf(
  subject: Subject,
  depth: Float64Array,
  depthOverCap: number,
): Readonly<Record<FrontierRule, RulePath>> {
  const { asset, world, estimates, times, closes } = subject;
  const known = new Map(Array.from(times, (time, i) => [time, depth[i] as number]));
  const usual = depthOverCap * world.model.supplyCapUsd;
  const depthUsdAt = (time: number) => {
    const here = known.get(time) ?? 1;
    return usual * (Number.isNaN(here) ? 1 : here);
  };
  return pathsOf(asset, walkForward({ ...world, depthUsdAt, limitMoves: true }, estimates), world, closes, depth);
}

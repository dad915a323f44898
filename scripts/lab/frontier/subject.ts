import { segmentsOf } from "../market/segments.ts";
import type { Asset } from "../validation/backtest/assets.ts";
import { between, type PriceSeries } from "../validation/backtest/priceSeries.ts";
import { walkForward } from "../validation/backtest/walkForward.ts";
import type { World } from "../validation/backtest/world.ts";
import { type FrontierRule, pathsOf, type RulePath } from "./rules.ts";

/** Everything that judging one asset needs: hours in stretches without a hole, and what each rule said in them. */
export type Subject = {
  readonly name: string;
  readonly bonus: number;
  readonly gap: number;
  /** Origins of the rules: Unix seconds, and their paths. */
  readonly times: Float64Array;
  readonly paths: Readonly<Record<FrontierRule, RulePath>>;
  readonly stretches: readonly Stretch[];
};

/** Hours of one stretch; `origin` is the last origin at or before each. */
export type Stretch = {
  readonly times: Float64Array;
  readonly prices: Float64Array;
  readonly volumes: Float64Array;
  readonly origin: Int32Array;
};

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

/** Walks a world once and makes it ready to be judged. */
export function subjectOf(asset: Pick<Asset, "name">, world: World): Subject {
  const walk = walkForward(world);
  const { series, model } = world;
  const closes = Float64Array.from(walk.origin, (i) => series.closes[i] as number);
  const volumes = new Map(series.candles.map((candle, i) => [series.closeTimes[i] as number, candle[5]]));
  const step = walk.time.length > 1 ? 3_600 : series.stepSeconds;
  const stretches = segmentsOf(walk.time, closes, step).map(({ times, values }) => {
    let at = 0;
    const origin = Int32Array.from(times, (time) => {
      while (at + 1 < walk.time.length && (walk.time[at + 1] as number) <= time) at += 1;
      return at;
    });
    return { times, prices: values, origin, volumes: Float64Array.from(times, (time) => volumes.get(time) ?? 0) };
  });
  return {
    ...{ name: asset.name, bonus: model.liquidationBonus, gap: model.minimumGap, times: walk.time, stretches },
    paths: pathsOf(walk, closes, model.liquidationBonus),
  };
}

import type { Candle } from "../../../../keeper/domain/observation.ts";
import { DEFAULT_MODEL, DEFAULT_POLICY } from "../../../../keeper/markets/defaults.ts";
import { priceSeries } from "../../../../scripts/lab/validation/backtest/priceSeries.ts";
import type { World } from "../../../../scripts/lab/validation/backtest/world.ts";
import { HOUR, START, walk } from "../../../support/candles.ts";
import { CALM_LIMITS } from "../../../support/onChain.ts";

/** Hourly candles of a random walk whose volatility moves between 40 and 120 %. */
export function restless(hours: number, seed = 1): readonly Candle[] {
  return walk(hours, (hour) => 0.8 + 0.4 * Math.sin(hour / 700), seed);
}

/** A world over these candles with an index that was 70 % every hour. */
export function worldOf(candles: readonly Candle[], change: Partial<World> = {}): World {
  const times = Float64Array.from({ length: candles.length }, (_, n) => START + (n + 1) * HOUR);
  return {
    series: priceSeries("TEST", HOUR, candles),
    index: { times, values: times.map((_, n) => 0.7 + 0.1 * Math.sin(n / 300)) },
    transfer: null,
    model: DEFAULT_MODEL,
    depthUsd: 60e6,
    dailyVolumeUsd: 800e6,
    deployed: { initial: 0.195, maintenance: 0.17 },
    policy: DEFAULT_POLICY,
    limits: CALM_LIMITS,
    ...change,
  };
}

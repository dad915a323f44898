import { HOUR_SECONDS } from "../domain/calendar.ts";
import { type Fault, fault } from "../domain/fault.ts";
import { percent } from "../domain/format.ts";
import type { PoolMemory, PoolState, RoutePool } from "../domain/observation.ts";
import type { PoolMemoryParameters } from "../domain/parameters.ts";
import { boundedPool } from "../model/depth/uniswapV3Curve.ts";

const LN_TICK = Math.log1p(1e-4);

/**
 * A route held against what its Uniswap pools remember of themselves: each pool with no more liquidity than the harmonic
 * mean of its window (`boundedPool`), and a fault for each whose price is further from the average of its youngest stretch
 * than `maxFromAverage` (OFF_AVERAGE: moved within minutes, by a crash or by someone) or whose liquidity is more than
 * `maxOverAverage` times that mean (MOMENTARY). Both say that depth and price may be made for the moment: nothing is
 * loosened then, and no more depth counted than before (`depthRisk`). A pool without a memory stays as it is.
 */
export function againstMemory(
  route: readonly (readonly RoutePool[])[],
  memories: readonly PoolMemory[],
  parameters: PoolMemoryParameters,
  bounded = boundedPool,
): { readonly route: readonly (readonly RoutePool[])[]; readonly faults: readonly Fault[] } {
  const faults: Fault[] = [];
  const held = route.map((hop) =>
    hop.map((pool) => {
      const memory = memories.find((one) => one.pool === pool.pool);
      if (pool.kind !== "pool" || memory === undefined) return pool;
      faults.push(...faultsOf(pool, memory, parameters));
      return bounded(pool, memory.whole.harmonicLiquidity);
    }),
  );
  return { route: held, faults };
}

function faultsOf(pool: PoolState, memory: PoolMemory, limits: PoolMemoryParameters): readonly Fault[] {
  const found: Fault[] = [];
  const last = memory.stretches.at(-1) ?? memory.whole;
  // The mean tick is rounded down by up to one tick: half of one is its middle.
  const distance = Math.abs(
    Math.expm1(2 * Math.log(Number(pool.sqrtPriceX96) / 2 ** 96) - (last.meanTick + 0.5) * LN_TICK),
  );
  if (!(distance <= limits.maxFromAverage)) {
    const seen = `${percent(distance)} from the average of ${last.to - last.from} s, limit ${percent(limits.maxFromAverage)}`;
    found.push(fault("OFF_AVERAGE", pool.source, seen));
  }
  const multiple = Number(pool.liquidity) / Number(memory.whole.harmonicLiquidity);
  if (!(multiple <= limits.maxOverAverage)) {
    const hours = ((memory.whole.to - memory.whole.from) / HOUR_SECONDS).toFixed(1);
    const seen = `${multiple.toFixed(1)} times the harmonic mean of ${hours} h, limit ${limits.maxOverAverage}`;
    found.push(fault("MOMENTARY", pool.source, seen));
  }
  return found;
}

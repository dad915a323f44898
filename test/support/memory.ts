import type { PoolMemory, PoolState } from "../../keeper/domain/observation.ts";
import type { PoolMemoryParameters } from "../../keeper/domain/parameters.ts";

/** The numbers that the documentation of `PoolMemoryParameters` starts with: a day in half hours. */
export const MEMORY_RULES: PoolMemoryParameters = {
  partSeconds: 1_800,
  parts: 48,
  maxFromAverage: 0.05,
  maxOverAverage: 3,
};

/** The memory of a pool that stood for a day as it stands now. */
export function calmMemory(pool: PoolState, { partSeconds, parts } = MEMORY_RULES): PoolMemory {
  const { eventTime, tick, liquidity } = pool;
  const stretch = (from: number, to: number) => ({ from, to, meanTick: tick, harmonicLiquidity: liquidity });
  return {
    kind: "poolMemory",
    source: `${pool.source}:memory/${parts}x${partSeconds}`,
    pool: pool.pool,
    blockNumber: pool.blockNumber,
    eventTime,
    whole: stretch(eventTime - parts * partSeconds, eventTime),
    stretches: Array.from({ length: parts }, (_, i) => {
      const from = eventTime - (parts - i) * partSeconds;
      return stretch(from, from + partSeconds);
    }),
  };
}

/** The pool after a trade that moved the price of token0 by a factor within one block. */
export function moved(pool: PoolState, factor: number): PoolState {
  const sqrtPriceX96 = BigInt(Math.round((Number(pool.sqrtPriceX96) / 2 ** 48) * Math.sqrt(factor))) * 2n ** 48n;
  const tick = Math.floor((2 * Math.log(Number(sqrtPriceX96) / 2 ** 96)) / Math.log1p(1e-4));
  return { ...pool, sqrtPriceX96, tick };
}

/** The pool with `times` its liquidity, minted for this block. */
export function jit(pool: PoolState, times: bigint): PoolState {
  const ticks = pool.ticks.map(({ index, liquidityNet }) => ({ index, liquidityNet: liquidityNet * times }));
  return { ...pool, liquidity: pool.liquidity * times, ticks };
}

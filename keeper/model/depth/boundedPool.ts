import type { PoolState, PoolTick } from "../../domain/observation.ts";
import { remembered } from "../numerics/remembered.ts";

/**
 * The pool with no more liquidity in any price range than `most`: what stood in range over time bounds what may be counted
 * now, wherever it was put a moment ago. The same pool where nothing exceeds it.
 * @param most raw liquidity, as decimal text
 */
export const boundedPool = remembered((pool: PoolState, most: string): PoolState => {
  const limit = BigInt(most);
  const ticks: PoolTick[] = [];
  let [standing, counted] = [0n, 0n];
  let isBounded = pool.liquidity > limit;
  for (const { index, liquidityNet } of pool.ticks) {
    standing += liquidityNet;
    const above = standing > limit ? limit : standing;
    isBounded ||= above < standing;
    if (above !== counted) ticks.push({ index, liquidityNet: above - counted });
    counted = above;
  }
  if (!isBounded) return pool;
  return { ...pool, liquidity: pool.liquidity > limit ? limit : pool.liquidity, ticks };
});

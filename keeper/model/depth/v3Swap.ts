import type { PoolState } from "../../domain/observation.ts";
import { type ExactSale, v3Schedule } from "./v3Schedule.ts";

/**
 * Outcome of one sale into one Uniswap v3 pool, in raw units, equal to the wei with the pool itself. For several sizes
 * of one pool prepare `v3Schedule` once.
 *
 * @param pool state at one block
 * @param zeroForOne true to sell token0 for token1
 * @param amountIn raw units offered, fee included, in [0, 2^255)
 * @example
 * // full-range liquidity 2e18 at price 1, fee 500: selling 1e18 of token0 returns 666444407401233536, tick -8107
 */
export function sellExact(pool: PoolState, zeroForOne: boolean, amountIn: bigint): ExactSale {
  return v3Schedule(pool, zeroForOne).sell(amountIn);
}

import type { Observed, RoutePool } from "../domain/observation.ts";
import type { Block, Rpc } from "../io/rpc.ts";
import { type CurvePoolRef, readCurvePools } from "./curve/curve.ts";
import { type PoolRef, uniswapV3 } from "./uniswapV3/uniswapV3.ts";

/**
 * Reads pools of one venue at one block, in the order given; the source of each is the venue's name, a colon, its own.
 * @throws TonsorError WRONG_CHAIN
 */
export type ReadPools = (
  pools: readonly PoolRef[],
  block: Block,
  signal?: AbortSignal,
) => Promise<readonly Observed<RoutePool>[]>;

/** Every kind of pool on chain. Adding one is one file and one line here; a route names it "venue:pool". */
export const POOL_VENUES = {
  uniswapV3: (rpc: Rpc): ReadPools => uniswapV3(rpc).readPools,
  curve: (rpc: Rpc): ReadPools => curveOf(rpc, "stableSwap"),
  curveCrypto: (rpc: Rpc): ReadPools => curveOf(rpc, "cryptoSwap"),
} as const;

/** Name of a venue in `POOL_VENUES`. */
function curveOf(rpc: Rpc, formula: CurvePoolRef["formula"]): ReadPools {
  return (pools, block, signal) =>
    readCurvePools(
      rpc,
      pools.map((pool) => ({ ...pool, formula })),
      block,
      signal,
    );
}

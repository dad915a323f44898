import type { PoolState } from "../domain/observation.ts";

const Q96 = 2 ** 96;

/**
 * Mid price of the collateral in the last token of the route (a dollar token), or null when a hop is empty or does not
 * hold the token it should sell. Hop by hop; of several pools in one hop the one with the most in-range liquidity
 * counts. Float accuracy (about 1e-15), before fees.
 * @param symbol symbol of the token sold first, e.g. "WETH"
 */
export function routePrice(route: readonly (readonly PoolState[])[], symbol: string): number | null {
  let price = 1;
  let selling = symbol;
  for (const hop of route) {
    const pool = deepest(hop);
    if (pool === null) return null;
    const ratio = (Number(pool.sqrtPriceX96) / Q96) ** 2 * 10 ** (pool.token0.decimals - pool.token1.decimals);
    if (pool.token0.symbol === selling) {
      price *= ratio;
      selling = pool.token1.symbol;
    } else if (pool.token1.symbol === selling) {
      price /= ratio;
      selling = pool.token0.symbol;
    } else {
      return null;
    }
  }
  return route.length > 0 && Number.isFinite(price) && price > 0 ? price : null;
}

function deepest(pools: readonly PoolState[]): PoolState | null {
  let best: PoolState | null = null;
  for (const pool of pools) if (best === null || pool.liquidity > best.liquidity) best = pool;
  return best;
}

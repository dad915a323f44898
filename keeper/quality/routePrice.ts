import type { PoolState, RoutePool } from "../domain/observation.ts";
import { mergedSellCurve } from "../model/depth/mergedSellCurve.ts";
import { type RouteSide, routeSides, sideCurve } from "../model/depth/routeSides.ts";

const Q96 = 2 ** 96;

/**
 * Mid price of the collateral in the last token of the route (a dollar token), or null when a hop is empty or does not
 * hold the token it should sell. Hop by hop; of several Uniswap pools in one hop the one with the most in-range liquidity
 * counts, with a pool of another kind among them the median weighted by depth. Float accuracy (about 1e-15), before fees.
 * @param symbol symbol of the token sold first, e.g. "WETH"
 */
export function routePrice(route: readonly (readonly RoutePool[])[], symbol: string): number | null {
  const hops = routeSides(route, symbol);
  if (hops === null) return null;
  const price = hops.reduce((product, sides) => product * hopPrice(sides), 1);
  return Number.isFinite(price) && price > 0 ? price : null;
}

function hopPrice(sides: readonly RouteSide[]): number {
  const ranges = sides.flatMap(({ pool, sold }) => (pool.kind === "pool" ? [{ pool, sold }] : []));
  if (ranges.length < sides.length) return mergedSellCurve(sides.map(sideCurve)).priceQuote;
  let best: (typeof ranges)[number] | undefined;
  for (const one of ranges) if (best === undefined || one.pool.liquidity > best.pool.liquidity) best = one;
  if (best === undefined) return 0;
  return best.sold === 0 ? ratioOf(best.pool) : 1 / ratioOf(best.pool);
}

/** Token1 per token0, whole tokens. */
function ratioOf({ sqrtPriceX96, token0, token1 }: PoolState): number {
  return (Number(sqrtPriceX96) / Q96) ** 2 * 10 ** (token0.decimals - token1.decimals);
}

import { TonsorError } from "../../domain/errors.ts";
import type { PoolState, PoolToken } from "../../domain/observation.ts";
import { mergedSellCurve } from "./mergedSellCurve.ts";
import { routedSellCurve } from "./routedSellCurve.ts";
import type { SellCurve } from "./sellCurve.ts";
import { v3SellCurve } from "./v3SellCurve.ts";

/** Depth of a market at one moment. `Usd` stands where the last token of the route counts as a dollar. */
export type MarketDepth = {
  /** Mid price before fees, quote (last token of the route) per whole collateral token. */
  readonly priceQuote: number;
  /** Whole collateral tokens sellable within the slippage. */
  readonly capacityBase: number;
  /** The same at the mid price. */
  readonly capacityUsd: number;
  readonly curve: SellCurve;
};

/**
 * Depth of a route from collateral to dollar: pools of one hop share the flow, hops follow each other. Null when a hop
 * has no pool or no price, which is no depth and no price rather than a wrong one.
 *
 * @param route pools per hop; all pools of a hop join the same two tokens
 * @param collateral address or symbol of the token sold first
 * @param maxSlippage average shortfall against the mid price, fees included, a fraction
 * @throws BAD_ARGUMENT when a pool does not hold the token that reaches its hop
 */
export function marketDepth(
  route: readonly (readonly PoolState[])[],
  collateral: string,
  maxSlippage: number,
): MarketDepth | null {
  const hops: SellCurve[] = [];
  let token = collateral;
  for (const pools of route) {
    const sides = pools.map((pool) => ({ pool, baseIsToken0: isToken0(pool, token) }));
    const [first] = sides;
    if (first === undefined) return null;
    const out = first.baseIsToken0 ? first.pool.token1 : first.pool.token0;
    for (const { pool, baseIsToken0 } of sides) requireSameOutput(pool, baseIsToken0 ? pool.token1 : pool.token0, out);
    hops.push(mergedSellCurve(sides.map(({ pool, baseIsToken0 }) => v3SellCurve(pool, baseIsToken0))));
    token = out.address;
  }
  const curve = routedSellCurve(hops);
  if (!(curve.priceQuote > 0)) return null;
  const capacityBase = curve.capacity(maxSlippage);
  return { priceQuote: curve.priceQuote, capacityBase, capacityUsd: capacityBase * curve.priceQuote, curve };
}

function isToken0(pool: PoolState, token: string): boolean {
  if (matches(pool.token0, token)) return true;
  if (matches(pool.token1, token)) return false;
  throw new TonsorError("BAD_ARGUMENT", `pool ${pool.pool} does not trade the token sold in its hop`, {
    field: "route",
    given: token,
    expected: `${pool.token0.symbol} (${pool.token0.address}) or ${pool.token1.symbol} (${pool.token1.address})`,
  });
}

function requireSameOutput(pool: PoolState, token: PoolToken, wanted: PoolToken): void {
  if (matches(token, wanted.address)) return;
  throw new TonsorError("BAD_ARGUMENT", `pool ${pool.pool} leads to another token than the first pool of its hop`, {
    field: "route",
    given: `${token.symbol} (${token.address})`,
    expected: `${wanted.symbol} (${wanted.address})`,
  });
}

function matches(token: PoolToken, addressOrSymbol: string): boolean {
  const wanted = addressOrSymbol.toLowerCase();
  return token.address.toLowerCase() === wanted || token.symbol.toLowerCase() === wanted;
}

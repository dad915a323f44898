import type { RoutePool } from "../../domain/observation.ts";
import { mergedSellCurve } from "./mergedSellCurve.ts";
import { routedSellCurve } from "./routedSellCurve.ts";
import { routeSides, sideCurve } from "./routeSides.ts";
import { shockedSellCurve } from "./shockedSellCurve.ts";

/** Depth of a route now and after a fall of the price, USD at the price before the fall. */
export type StressedMarketDepth = {
  readonly nowUsd: number;
  /** The least over which hop the fall happens in, liquidity providers unmoved. */
  readonly shockedUsd: number;
  /** Mid price of the route now, in its last token. */
  readonly priceQuote: number;
};

/**
 * What a route takes at an average slippage of `maxSlippage` now, and after the collateral's price fell by `loss` in any
 * one of its hops (a wrapped coin may lose its peg in the first, or fall with its ether pair in the last): a liquidation
 * sells into the book that is left *below* the fall. Valued at the price before it, so that the two compare as amounts
 * of collateral. Null when a hop has no pool, or a pool does not trade the token that reaches its hop.
 *
 * @param route pools per hop from the collateral to a dollar token
 * @param symbol token sold first
 * @param maxSlippage fraction, fees included
 * @param loss fraction of the price in [0, 1)
 */
export function stressedMarketDepth(
  route: readonly (readonly RoutePool[])[],
  symbol: string,
  maxSlippage: number,
  loss: number,
): StressedMarketDepth | null {
  const hops = routeSides(route, symbol)?.map((sides) => sides.map(sideCurve));
  if (hops === undefined) return null;
  const calm = routedSellCurve(hops.map((curves) => mergedSellCurve(curves)));
  if (!(calm.priceQuote > 0)) return null;
  const shocked = hops.map((_, fallen) => {
    const after = hops.map((curves, hop) =>
      mergedSellCurve(hop === fallen ? curves.map((curve) => shockedSellCurve(curve, loss)) : curves),
    );
    return routedSellCurve(after).capacity(maxSlippage) * calm.priceQuote;
  });
  return {
    nowUsd: calm.capacity(maxSlippage) * calm.priceQuote,
    shockedUsd: Math.min(...shocked),
    priceQuote: calm.priceQuote,
  };
}

import { TonsorError } from "../../domain/errors.ts";
import type { RoutePool } from "../../domain/observation.ts";
import { mergedSellCurve } from "./mergedSellCurve.ts";
import { routedSellCurve } from "./routedSellCurve.ts";
import { coinsOf, routeSides, sideCurve } from "./routeSides.ts";
import type { SellCurve } from "./sellCurve.ts";

/** Depth of a market at one moment. `Usd` stands where the last token of the route counts as a dollar. */
type MarketDepth = {
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
 * @throws BAD_ARGUMENT when the pools do not join up from the collateral, with the tokens each trades
 */
export function marketDepth(
  route: readonly (readonly RoutePool[])[],
  collateral: string,
  maxSlippage: number,
): MarketDepth | null {
  if (route.length === 0 || route.some((pools) => pools.length === 0)) return null;
  const sides = routeSides(route, symbolOf(route, collateral));
  if (sides === null) throw notJoined(route, collateral);
  const curve = routedSellCurve(sides.map((hop) => mergedSellCurve(hop.map(sideCurve))));
  if (!(curve.priceQuote > 0)) return null;
  const capacityBase = curve.capacity(maxSlippage);
  return { priceQuote: curve.priceQuote, capacityBase, capacityUsd: capacityBase * curve.priceQuote, curve };
}

/** Symbol of a coin of the first hop that is named by its symbol or its address, in any case. */
function symbolOf([first = []]: readonly (readonly RoutePool[])[], collateral: string): string {
  const wanted = collateral.toLowerCase();
  const coins = first.flatMap((pool) => coinsOf(pool));
  const named = coins.find((coin) => coin.address.toLowerCase() === wanted || coin.symbol.toLowerCase() === wanted);
  return named?.symbol ?? collateral;
}

function notJoined(route: readonly (readonly RoutePool[])[], collateral: string): TonsorError {
  const trades = (pool: RoutePool) =>
    `${pool.pool}: ${coinsOf(pool)
      .map((coin) => coin.symbol)
      .join("/")}`;
  const given = route.map((pools) => pools.map(trades).join(", ")).join("; ");
  const expected = `pools that sell ${collateral} for one token, hop by hop`;
  return new TonsorError("BAD_ARGUMENT", `the pools do not join up from ${collateral}`, {
    field: "route",
    given,
    expected,
  });
}

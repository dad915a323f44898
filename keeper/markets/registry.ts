import { TonsorError } from "../domain/errors.ts";
import type { MarketParameters } from "../domain/parameters.ts";
import { WBTC } from "./wbtc.ts";
import { WETH } from "./weth.ts";

/** Every market. Adding one is one file and one line here. */
export const MARKETS = { WETH, WBTC } as const satisfies Record<string, MarketParameters>;

/** Name of a market. */
export type MarketName = keyof typeof MARKETS;

/** All markets, in the order of the registry. */
export function allMarkets(): readonly MarketParameters[] {
  return Object.values(MARKETS);
}

/**
 * Parameters of a market by name, upper or lower case.
 * @throws UNKNOWN_MARKET naming the markets there are
 */
export function marketByName(name: string): MarketParameters {
  const found = allMarkets().find((market) => market.name === name.toUpperCase());
  if (found !== undefined) return found;
  throw new TonsorError("UNKNOWN_MARKET", `no market is named ${name}`, {
    field: "market",
    given: name,
    expected: `one of ${allMarkets()
      .map((market) => market.name)
      .join(", ")}`,
  });
}

/**
 * What the price feed of each name says of itself (`description` of AggregatorV3): base, then quote. A feed that says
 * something else at the recorded address is another one. A claim on an asset may be priced by the asset's own feed.
 */
export const FEED_DESCRIPTIONS = {
  WETH: "ETH / USD",
  WBTC: "BTC / USD",
} as const satisfies Record<MarketName, string>;

/** Undefined for a feed of which nothing is expected. @example feedDescription("WETH") // "ETH / USD" */
export function feedDescription(name: string): string | undefined {
  return (FEED_DESCRIPTIONS as Readonly<Record<string, string>>)[name];
}

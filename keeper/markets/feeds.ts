import type { MarketName } from "./registry.ts";

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

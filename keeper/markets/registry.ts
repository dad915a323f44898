import { TonsorError } from "../domain/errors.ts";
import type { MarketParameters } from "../domain/parameters.ts";
import type { MarketListing } from "./limits.ts";
import { WBTC, WBTC_LISTING } from "./wbtc.ts";
import { WETH, WETH_LISTING } from "./weth.ts";

/** Every market, in the order of listing. Adding one is one file and one line here. */
const MARKETS = {
  WETH: { parameters: WETH, listing: WETH_LISTING },
  WBTC: { parameters: WBTC, listing: WBTC_LISTING },
} as const satisfies Record<string, { readonly parameters: MarketParameters; readonly listing: MarketListing }>;

/** Name of a market. */
export type MarketName = keyof typeof MARKETS;

/** All markets, in the order of the registry. */
export function allMarkets(): readonly MarketParameters[] {
  return Object.values(MARKETS).map(({ parameters }) => parameters);
}

/**
 * Parameters of a market by name, upper or lower case.
 * @throws UNKNOWN_MARKET naming the markets there are
 */
export function marketByName(name: string): MarketParameters {
  const found = allMarkets().find((market) => market.name === name.toUpperCase());
  if (found !== undefined) return found;
  const names = allMarkets().map((market) => market.name);
  const facts = { field: "market", given: name, expected: `one of ${names.join(", ")}` };
  throw new TonsorError("UNKNOWN_MARKET", `no market is named ${name}`, facts);
}

/** What governance decides when it lists a market. */
export function listingOf(name: MarketName): MarketListing {
  return MARKETS[name].listing;
}

/**
 * What the price feed of a name says of itself (`description` of AggregatorV3): base, then quote. A feed that says
 * something else at the recorded address is another one. Undefined where nothing is expected.
 * @example feedDescription("WETH") // "ETH / USD"
 */
export function feedDescription(name: string): string | undefined {
  return name in MARKETS ? listingOf(name as MarketName).feed : undefined;
}

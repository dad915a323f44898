import type { MarketParameters } from "../domain/parameters.ts";
import { DEFAULT_MODEL, DEFAULT_POLICY, DEFAULT_QUALITY } from "./defaults.ts";
import type { MarketListing } from "./limits.ts";

/**
 * Wrapped ether against dollars: options are listed, so the ladder starts at L1.
 *
 * Sizes are those of a lender whose liquidators sell through this one pool, which takes about 4 million USD at the
 * slippage that the bonus pays, and a quarter of that where its liquidity is thin: a cap of 30 million USD and a largest
 * borrower of 5 % of it, with the liquidation profile of large lending markets (1 %, 5 %, 11 % and 35 % of the cap fall
 * due at a price fall of 10, 20, 30 and 50 %). A larger lender lists more pools and raises both.
 */
export const WETH: MarketParameters = {
  name: "WETH",
  collateral: { symbol: "WETH", decimals: 18 },
  debt: { symbol: "USD" },
  model: {
    ...DEFAULT_MODEL,
    largestBorrowerUsd: 1_500_000,
    supplyCapUsd: 30_000_000,
    liquidationProfile: [
      [0.1, 300_000],
      [0.2, 1_500_000],
      [0.3, 3_300_000],
      [0.5, 10_500_000],
    ],
  },
  quality: DEFAULT_QUALITY,
  policy: DEFAULT_POLICY,
  sources: {
    options: "ETH",
    transferFrom: null,
    history: "ETH-PERPETUAL",
    transferHistory: null,
    route: [["USDC/WETH-0.05%"]],
    priceFeed: "WETH",
  },
};

/** Large lenders run LTV 78-80 %, LT 81-83 %: start there, on the careful side, and let the keeper loosen. */
export const WETH_LISTING: MarketListing = {
  riskClass: "major",
  initialBps: 2_200,
  maintenanceBps: 1_900,
  // The cap above at 2 500 USD, which is also the highest: the model lowers it, to a tenth at most, and never raises it beyond.
  limitTokens: 12_000,
  lowestLimitTokens: 1_200,
  highestLimitTokens: 12_000,
  feed: "ETH / USD",
};

import type { MarketParameters } from "../domain/parameters.ts";
import { DEFAULT_MODEL, DEFAULT_POLICY, DEFAULT_QUALITY } from "./defaults.ts";
import type { MarketListing } from "./limits.ts";

/**
 * Wrapped bitcoin against dollars. Nobody lists options on WBTC itself: implied volatility is transferred from BTC, the
 * asset it is a claim on (ladder L3). It is sold through WETH, so its depth is that of both hops.
 */
export const WBTC: MarketParameters = {
  name: "WBTC",
  collateral: { symbol: "WBTC", decimals: 8 },
  debt: { symbol: "USD" },
  model: {
    ...DEFAULT_MODEL,
    // Custody at one issuer and a bridge of mint and burn: a point on top of a plain major's quarter.
    idiosyncratic: 0.0125,
    // The route takes about 2 million USD at the slippage that the bonus pays; the same proportions as for ether.
    largestBorrowerUsd: 750_000,
    supplyCapUsd: 15_000_000,
    liquidationProfile: [
      [0.1, 150_000],
      [0.2, 750_000],
      [0.3, 1_650_000],
      [0.5, 5_250_000],
    ],
  },
  quality: DEFAULT_QUALITY,
  policy: DEFAULT_POLICY,
  sources: {
    options: null,
    transferFrom: "BTC",
    history: "BTC-PERPETUAL",
    transferHistory: "BTC-PERPETUAL",
    route: [["WBTC/WETH-0.3%"], ["USDC/WETH-0.05%"]],
    priceFeed: "WBTC",
  },
};

/** Large lenders run LTV 73 %, LT 78 %. Priced by bitcoin's feed, the asset it is a claim on. */
export const WBTC_LISTING: MarketListing = {
  riskClass: "wrapped",
  initialBps: 2_700,
  maintenanceBps: 2_200,
  // The cap above at 75 000 USD, which is also the highest: the model lowers it, to a tenth at most, and never raises it beyond.
  limitTokens: 200,
  lowestLimitTokens: 20,
  highestLimitTokens: 200,
  feed: "BTC / USD",
};

import type { MarketParameters } from "../domain/parameters.ts";
import { DEFAULT_MODEL, DEFAULT_POLICY, DEFAULT_QUALITY } from "./defaults.ts";

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
    largestBorrowerUsd: 10_000_000,
    supplyCapUsd: 150_000_000,
    liquidationProfile: [
      [0.1, 1_500_000],
      [0.2, 7_500_000],
      [0.3, 17_000_000],
      [0.5, 52_000_000],
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

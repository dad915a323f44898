import type { MarketParameters } from "../domain/parameters.ts";
import { DEFAULT_MODEL, DEFAULT_POLICY, DEFAULT_QUALITY } from "./defaults.ts";

/**
 * Wrapped ether against dollars: options are listed, so the ladder starts at L1.
 *
 * Sizes are those of a lender whose liquidators sell through this one pool, which takes about 4 million USD at the
 * slippage that the bonus pays: a cap of 60 million USD and a largest borrower of 5 % of it, with the liquidation
 * profile of large lending markets (1 %, 5 %, 11 % and 35 % of the cap fall due at a price fall of 10, 20, 30 and 50 %).
 * A larger lender lists more pools and raises both.
 */
export const WETH: MarketParameters = {
  name: "WETH",
  collateral: { symbol: "WETH", decimals: 18 },
  debt: { symbol: "USD" },
  model: {
    ...DEFAULT_MODEL,
    largestBorrowerUsd: 3_000_000,
    supplyCapUsd: 60_000_000,
    liquidationProfile: [
      [0.1, 600_000],
      [0.2, 3_000_000],
      [0.3, 6_600_000],
      [0.5, 21_000_000],
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

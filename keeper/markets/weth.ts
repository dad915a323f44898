import type { MarketParameters } from "../domain/parameters.ts";
import { DEFAULT_MODEL, DEFAULT_POLICY, DEFAULT_QUALITY } from "./defaults.ts";

/** Wrapped ether against dollars: options are listed, so the ladder starts at L1. */
export const WETH: MarketParameters = {
  name: "WETH",
  collateral: { symbol: "WETH", decimals: 18 },
  debt: { symbol: "USD" },
  model: DEFAULT_MODEL,
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

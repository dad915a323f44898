import { type MarketFile, readMarkets, soundMarkets } from "../keeper/markets/marketFiles.ts";
import { marketsFolder } from "../keeper/runtime/parseEnvironment.ts";

/**
 * The markets that a keeper started in this folder would have: those of TONSOR_MARKETS, else the shipped ones.
 * @throws TonsorError BAD_CONFIG with everything that is wrong with any of them
 */
export function configuredMarkets(): readonly MarketFile[] {
  return soundMarkets(readMarkets(marketsFolder(process.cwd(), process.env)));
}

/**
 * The markets that are shipped with the program, whatever is configured: what is played on the mainnet replica and judged on
 * recorded data.
 */
export function shippedMarkets(): readonly MarketFile[] {
  return soundMarkets(readMarkets(null));
}

import { marketNamed } from "../../keeper/markets/marketFiles.ts";
import { feedDescriptions } from "../../keeper/sources/wiring.ts";
import { shippedMarkets } from "../../scripts/markets.ts";

/** The markets that are shipped, read once for all tests of a process. */
export const SHIPPED = shippedMarkets();
export const FEED_SAYS = feedDescriptions(SHIPPED);

export const WETH = marketNamed(SHIPPED, "WETH").parameters;
export const WBTC = marketNamed(SHIPPED, "WBTC").parameters;

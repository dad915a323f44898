import { type Ask, askVenue, type Manners } from "../connection.ts";
import type { VenueSettings } from "../optionsVenue.ts";
import { openBinance } from "./envelope.ts";

/** Binance counts weight by address: 400 a minute is allowed everywhere, and the heaviest method used here weighs 5. */
const RATE_LIMIT = { perSecond: 1, burst: 20 };
/** 429 is a warning; going on earns 418, a ban of two minutes to three days. Both carry Retry-After. */
const REST_MS = 60_000;
const BANNED_MS = 120_000;

const MANNERS: Manners = {
  rateLimit: RATE_LIMIT,
  restMs: (status) => (status === 418 || status === 403 ? BANNED_MS : status === 429 || status === 503 ? REST_MS : 0),
  refusal(body, source) {
    const opened = openBinance(body, source);
    return "fault" in opened && opened.fault.code === "VENUE_ERROR" ? opened.fault : null;
  },
};

/** A way to ask Binance's public methods by their path below the API's base. */
export function askBinance(baseUrl: string, settings: VenueSettings): Ask {
  return askVenue(baseUrl, settings, MANNERS);
}

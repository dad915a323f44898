import { type Ask, askVenue, type Manners } from "../connection.ts";
import type { VenueSettings } from "../optionsVenue.ts";
import { openBybit } from "./envelope.ts";

/** Bybit allows 600 requests in 5 seconds by address and answers 403 beyond; a sixth of it is more than we need. */
const RATE_LIMIT = { perSecond: 20, burst: 50 };
/** "403, access too frequent": stop and wait at least ten minutes. */
const BANNED_MS = 600_000;
/** 429 and retCode 10006, "too many visits". */
const REST_MS = 1_000;
const TOO_MANY = /^\s*\{\s*"retCode"\s*:\s*10006\b/;

const MANNERS: Manners = {
  rateLimit: RATE_LIMIT,
  restMs: (status, head) =>
    status === 403 ? BANNED_MS : status === 429 || status === 503 || TOO_MANY.test(head) ? REST_MS : 0,
  refusal(body, source) {
    const opened = openBybit(body, source);
    return "fault" in opened && opened.fault.code === "VENUE_ERROR" ? opened.fault : null;
  },
};

/** A way to ask Bybit's public methods by their path below /v5. */
export function askBybit(baseUrl: string, settings: VenueSettings): Ask {
  return askVenue(baseUrl, settings, MANNERS);
}

import { type Ask, askVenue, type Manners } from "../connection.ts";
import type { VenueSettings } from "../optionsVenue.ts";
import { openOkx } from "./envelope.ts";

/** The strictest of the limits of the methods used: mark-price, 10 requests in 2 seconds by address. */
const RATE_LIMIT = { perSecond: 5, burst: 10 };
/** OKX counts in windows of two seconds and sends no Retry-After; 50011 is "requests too frequent", 50061 of an account. */
const REST_MS = 2_000;
const TOO_MANY = /^\s*\{\s*"code"\s*:\s*"500(?:11|61)"/;

const MANNERS: Manners = {
  rateLimit: RATE_LIMIT,
  restMs: (status, head) => (status === 429 || status === 503 || TOO_MANY.test(head) ? REST_MS : 0),
  refusal(body, source) {
    const opened = openOkx(body, source);
    return "fault" in opened && opened.fault.code === "VENUE_ERROR" ? opened.fault : null;
  },
};

/** A way to ask OKX's public methods by their path below /api/v5. */
export function askOkx(baseUrl: string, settings: VenueSettings): Ask {
  return askVenue(baseUrl, settings, MANNERS);
}

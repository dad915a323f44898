import { type Ask, askVenue, type Manners } from "../connection.ts";
import type { VenueSettings } from "../optionsVenue.ts";
import { openEnvelope } from "./envelope.ts";

export type { Ask } from "../connection.ts";

/** Deribit's documented limit for public methods: 20 requests a second, 100 at once; a breach closes the session. */
const RATE_LIMIT = { perSecond: 20, burst: 100 };
/** Rest after "too many requests" when the venue names no time itself. */
const REST_MS = 1_000;

const MANNERS: Manners = {
  rateLimit: RATE_LIMIT,
  restMs: (status) => (status === 429 || status === 503 ? REST_MS : 0),
  refusal(body, source) {
    const opened = openEnvelope(body, source);
    return "fault" in opened && opened.fault.code === "VENUE_ERROR" ? opened.fault : null;
  },
};

/** A way to ask the public methods of a Deribit-shaped API, by the method's name. */
export function askDeribit(baseUrl: string, settings: VenueSettings): Ask {
  const ask = askVenue(baseUrl, settings, MANNERS);
  return (method, parameters, source, signal) => ask(`public/${method}`, parameters, source, signal);
}

import { type Fault, fault } from "../../domain/fault.ts";
import { getText } from "../../io/http.ts";
import { rateLimiter } from "../../io/rateLimit.ts";
import type { VenueSettings } from "../optionsVenue.ts";
import { openEnvelope } from "./envelope.ts";

/** Deribit's documented limit for public methods: 20 requests a second, 100 at once; a breach closes the session. */
const RATE_LIMIT = { perSecond: 20, burst: 100 };
/** A replay on this machine is nobody's session to close. */
const LOOPBACK_LIMIT = { perSecond: 5_000, burst: 5_000 };
/** Rest after "too many requests" when the venue names no time itself. */
const REST_MS = 1_000;

/** Asks one public method. The body is not looked at unless the venue refused. */
export type Ask = (
  method: string,
  parameters: Readonly<Record<string, string | number>>,
  source: string,
  signal: AbortSignal | undefined,
) => Promise<{ readonly body: string } | { readonly fault: Fault }>;

/**
 * A way to ask a Deribit-shaped API, within its rate limit and resting as long as it asks for.
 * A refusal that carries the venue's own error object is VENUE_ERROR with its code and text, not HTTP_STATUS.
 */
export function askDeribit(baseUrl: string, settings: VenueSettings): Ask {
  const limiter = rateLimiter(settings.rateLimit ?? (isLoopback(baseUrl) ? LOOPBACK_LIMIT : RATE_LIMIT));
  return async (method, parameters, source, signal) => {
    const query = new URLSearchParams(
      Object.entries(parameters).map(([name, value]): [string, string] => [name, String(value)]),
    );
    if (!(await limiter.take(signal))) return { fault: fault("UNREACHABLE", source, "given up by the caller") };
    const answer = await getText(`${baseUrl}/public/${method}?${query}`, {
      source,
      ...(settings.timeoutMs === undefined ? {} : { timeoutMs: settings.timeoutMs }),
      ...(settings.maxBytes === undefined ? {} : { maxBytes: settings.maxBytes }),
      ...(signal === undefined ? {} : { signal }),
    });
    if (answer.ok) return { body: answer.body };
    if (answer.status === 429 || answer.status === 503) limiter.pause(answer.retryAfterMs ?? REST_MS);
    if (answer.body !== undefined && answer.body !== "") {
      const opened = openEnvelope(answer.body, source);
      if ("fault" in opened && opened.fault.code === "VENUE_ERROR") return { fault: opened.fault };
    }
    return { fault: answer.fault };
  };
}

function isLoopback(baseUrl: string): boolean {
  return URL.canParse(baseUrl) && ["127.0.0.1", "localhost", "[::1]"].includes(new URL(baseUrl).hostname);
}

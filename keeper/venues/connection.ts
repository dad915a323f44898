import { type Fault, fault } from "../domain/fault.ts";
import { getText } from "../io/http.ts";
import { type RateLimit, rateLimiter } from "../io/rateLimit.ts";
import type { VenueSettings } from "./optionsVenue.ts";

/** How one venue wants to be treated. */
export type Manners = {
  /** Its documented limit, in requests. */
  readonly rateLimit: RateLimit;
  /** How long to leave it alone after an answer of `status` whose body begins with `head`, when it names no time; 0 for not. */
  readonly restMs: (status: number, head: string) => number;
  /** The venue's own error object in a body, or null; asked only when the status was not 200. */
  readonly refusal: (body: string, source: string) => Fault | null;
};

/** Asks one public method. The body is not looked at unless the venue refused. */
export type Ask = (
  path: string,
  parameters: Readonly<Record<string, string | number>>,
  source: string,
  signal: AbortSignal | undefined,
) => Promise<{ readonly body: string } | { readonly fault: Fault }>;

/** A replay on this machine is nobody's session to close. */
const LOOPBACK_LIMIT = { perSecond: 5_000, burst: 5_000 };
/** Refusals are named within the first characters of a body. */
const HEAD = 200;

/**
 * A way to ask a venue's public HTTP API by GET, within its rate limit and resting as long as it asks for (Retry-After),
 * or as its manners say. A refusal that carries the venue's own error object is VENUE_ERROR with its code and text, not
 * HTTP_STATUS. Never throws for what the venue does.
 * @param baseUrl with or without a trailing slash
 */
export function askVenue(baseUrl: string, settings: VenueSettings, manners: Manners): Ask {
  const base = baseUrl.replace(/\/+$/, "");
  const limiter = rateLimiter(settings.rateLimit ?? (isLoopback(base) ? LOOPBACK_LIMIT : manners.rateLimit));
  return async (path, parameters, source, signal) => {
    const query = new URLSearchParams(
      Object.entries(parameters).map(([name, value]): [string, string] => [name, String(value)]),
    );
    if (!(await limiter.take(signal))) return { fault: fault("UNREACHABLE", source, "given up by the caller") };
    const answer = await getText(`${base}/${path}${query.size === 0 ? "" : `?${query}`}`, {
      source,
      ...(settings.timeoutMs === undefined ? {} : { timeoutMs: settings.timeoutMs }),
      ...(settings.maxBytes === undefined ? {} : { maxBytes: settings.maxBytes }),
      ...(signal === undefined ? {} : { signal }),
    });
    const rest = answer.status === undefined ? 0 : manners.restMs(answer.status, (answer.body ?? "").slice(0, HEAD));
    if (rest > 0) limiter.pause(answer.ok ? rest : (answer.retryAfterMs ?? rest));
    if (answer.ok) return { body: answer.body };
    const refusal = answer.body === undefined || answer.body === "" ? null : manners.refusal(answer.body, source);
    return { fault: refusal ?? answer.fault };
  };
}

/** True for an address of this machine. */
export function isLoopback(baseUrl: string): boolean {
  return URL.canParse(baseUrl) && ["127.0.0.1", "localhost", "[::1]"].includes(new URL(baseUrl).hostname);
}

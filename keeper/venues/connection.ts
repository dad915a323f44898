import { TonsorError } from "../domain/errors.ts";
import { type Fault, fault } from "../domain/fault.ts";
import { sourceName } from "../domain/sourceNames.ts";
import { request } from "../io/http.ts";
import { rateLimiter } from "../io/rateLimit.ts";
import { refused } from "./parse.ts";
import type { Api, Ask, ReadBoard, Venue, VenueSettings } from "./venue.ts";

/** A replay on this machine has no limit to keep. */
const LOOPBACK_LIMIT = { perSecond: 5_000, burst: 5_000 };
/** Refusals are named within the first characters of a body. */
const HEAD = 200;
/** A live board of dozens of marks moves with its index every second or so. */
const MAX_STILL_SECONDS = 60;

type Opened<Offer> = Offer extends (...given: never[]) => infer Read ? Read : undefined;
/** What an open connection reads: what the venue offers over HTTP. */
export type Connection<V extends Venue = Venue> = {
  readonly [Name in keyof V as Name extends "board" | "book" | "history" ? Name : never]: Opened<V[Name]>;
};

/**
 * Opens a venue; the network is first touched by the first read. Each connection has its own series, and its own rate limits
 * unless `share` is given. @throws TonsorError BAD_ARGUMENT for a venue without an HTTP API
 * @example await connect(deribit, { baseUrl: "http://127.0.0.1:8400/api/v2" }).board("ETH")
 */
export function connect<V extends Venue>(venue: V, settings: VenueSettings = {}): Connection<V> {
  const { id, api, board, book, history }: Venue = venue;
  if (api === undefined) {
    const facts = { field: "api", given: id, expected: "a venue with an HTTP API" };
    throw new TonsorError("BAD_ARGUMENT", `${id} cannot be asked over HTTP`, facts);
  }
  const url = settings.baseUrl ?? api.url;
  const spotUrl = settings.spotUrl ?? api.spotUrl ?? url;
  const { share } = settings;
  const opened = (base: string) =>
    share?.ask(base, () => askVenue(base, settings, api)) ?? askVenue(base, settings, api);
  const ask = opened(url);
  const askSpot = spotUrl === url ? ask : opened(spotUrl);
  const boards = board?.(ask);
  const books = book?.(askSpot);
  const boardName = (currency: string) => sourceName.board(currency, id);
  const bookName = (market: string) => sourceName.book(`${id}:${market}`);
  const reads: Connection = {
    ...(boards && { board: watched(share ? share.named(url, boardName, boards) : boards) }),
    ...(books && { book: share ? share.named(spotUrl, bookName, books) : books }),
    ...(history && { history: history(share ? share.pages(spotUrl, askSpot) : askSpot, settings.memory) }),
  };
  return reads as Connection<V>;
}

/**
 * A way to ask a venue's HTTP API by GET, within its rate limit. As long as the venue asks for a rest (Retry-After), or as
 * `api` says, it is UNREACHABLE at once: a rest holds nobody. A refusal that carries the venue's own error object is VENUE_ERROR with its code and text, not HTTP_STATUS.
 * Never throws for what the venue does.
 */
function askVenue(baseUrl: string, settings: VenueSettings, api: Omit<Api, "url">): Ask {
  const base = baseUrl.replace(/\/+$/, "");
  const limiter = rateLimiter(settings.rateLimit ?? (isLoopback(base) ? LOOPBACK_LIMIT : api.rateLimit));
  const { timeoutMs, maxBytes } = settings;
  const limits = { ...(timeoutMs === undefined ? {} : { timeoutMs }), ...(maxBytes === undefined ? {} : { maxBytes }) };
  return async (path, parameters, source, signal) => {
    const pairs = Object.entries(parameters).map(([name, value]): [string, string] => [name, String(value)]);
    const query = new URLSearchParams(pairs);
    const taken = await limiter.take(signal);
    if (taken === "aborted") return { fault: fault("UNREACHABLE", source, "aborted by the caller") };
    if (taken === "resting") return { fault: fault("UNREACHABLE", source, "left alone, as the venue asked") };
    const answer = await request(`${base}/${path}${query.size === 0 ? "" : `?${query}`}`, {
      to: "venue",
      source,
      ...limits,
      ...(signal === undefined ? {} : { signal }),
    });
    const rest = answer.status === undefined ? 0 : api.restMs(answer.status, (answer.body ?? "").slice(0, HEAD));
    if (rest > 0) limiter.rest(answer.ok ? rest : (answer.retryAfterMs ?? rest));
    if (answer.ok) return { body: answer.body };
    const { fault: why }: { readonly fault?: Fault } = answer.body ? api.open(answer.body, source) : {};
    return { fault: why?.code === "VENUE_ERROR" ? why : answer.fault };
  };
}

function isLoopback(baseUrl: string): boolean {
  return URL.canParse(baseUrl) && ["127.0.0.1", "localhost", "[::1]"].includes(new URL(baseUrl).hostname);
}

/**
 * The same reads, each currency's boards watched: where their time is that of the *answer*, a dead pricing engine behind
 * a living web server looks fresh for ever. Quotes that are the same to the last digit for more than 60 s while the
 * venue's clock goes on are FROZEN: nothing observed, until a quote moves again.
 */
function watched(read: ReadBoard): ReadBoard {
  const last = new Map<string, { readonly text: string; readonly since: number }>();
  return async (currency, signal) => {
    const observed = await read(currency, signal);
    const { observation, source, faults } = observed;
    if (observation === null) return observed;
    const { indexUsd, quotes, eventTime } = observation;
    const text = JSON.stringify([indexUsd, quotes]);
    const known = last.get(currency);
    if (known?.text !== text) {
      last.set(currency, { text, since: eventTime });
      return observed;
    }
    const still = eventTime - known.since;
    if (still <= MAX_STILL_SECONDS) return observed;
    const detail = `no quote changed for ${still} s of the venue's clock, limit ${MAX_STILL_SECONDS} s`;
    return refused(fault("FROZEN", source, detail), faults);
  };
}

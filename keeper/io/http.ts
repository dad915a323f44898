import { AsyncLocalStorage } from "node:async_hooks";
import { channel } from "node:diagnostics_channel";
import { TonsorError } from "../domain/errors.ts";
import { type Fault, type FaultCode, fault } from "../domain/fault.ts";
import { credentialsOf } from "../domain/words.ts";
import { type JsonMeter, jsonMeter } from "./json.ts";

/** Whom a request goes to. */
type Counterpart = "node" | "venue" | "signer" | "co-signer" | "receiver";

/** How one request ended. */
type RequestDone = {
  readonly to: Counterpart;
  readonly host: string;
  readonly seconds: number;
  /** Null: a whole answer with status 200. */
  readonly code: FaultCode | null;
};

const DONE = channel("tonsor:request");
const ASKER = new AsyncLocalStorage<symbol>();

/** Does `work`, whose requests are told to the listeners that it adds and to no others. */
export function withOwnRequests<T>(work: () => T): T {
  return ASKER.run(Symbol("asker"), work);
}

/**
 * Calls `listener` after every request that names its counterpart: those of the `withOwnRequests` that adds it, outside of
 * any those of nobody's. Returns what ends that.
 */
export function onRequestDone(listener: (done: RequestDone) => void): () => void {
  const asker = ASKER.getStore();
  const hear = (done: unknown) => ASKER.getStore() === asker && listener(done as RequestDone);
  DONE.subscribe(hear);
  return () => void DONE.unsubscribe(hear);
}

/** Limits of one request. */
type RequestOptions = {
  /** Absent: it is told to no listener. */
  readonly to?: Counterpart;
  /** Name of the source, carried by every fault. */
  readonly source: string;
  /** Sent as JSON by POST; absent: GET. */
  readonly body?: string;
  /** For the whole request, body included, milliseconds. Default 10 000. */
  readonly timeoutMs?: number;
  /** Largest body after decompression, bytes. Default 4 MiB, about five real option boards. */
  readonly maxBytes?: number;
  /** Most values and keys of the body as JSON. Default 200 000, about five real option boards. */
  readonly maxValues?: number;
  readonly signal?: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
};

/** An answer with status 200, or the one fault that cost it. */
type Answer<Body = string> =
  | { readonly ok: true; readonly status: number; readonly body: Body }
  | {
      readonly ok: false;
      readonly fault: Fault;
      /** Set when the server answered at all. */
      readonly status?: number;
      /** Body of an error answer, since venues put their reason there; empty when there was none. */
      readonly body?: string;
      /** The server's Retry-After, milliseconds, in [0, 600 000]. */
      readonly retryAfterMs?: number;
    };

const MIB = 1_048_576;
const MAX_ERROR_BODY = 65_536;
const MAX_ERROR_VALUES = 1_000;
const MAX_RETRY_AFTER_MS = 600_000;

/**
 * The body of `url` as text: the one way in which this program reads anything over HTTP.
 *
 * Never throws for what the other side does: refused, reset, hung, redirected or timed out is UNREACHABLE, any status
 * but 200 is HTTP_STATUS, a body above `maxBytes` or `maxValues` is TOO_LARGE. Bytes and values are counted while the
 * body streams, after decompression, and the connection is dropped at the cap: a 50 MB body, a gzip bomb or ten million
 * empty objects are never held in memory. One deadline covers headers and body: who drips bytes gains nothing.
 * Redirects are refused, so that nobody sends the keeper elsewhere. User and password of the address become a header.
 * @throws TonsorError BAD_ARGUMENT when `url` is not an http(s) address
 * @example (await request("http://127.0.0.1:1", { source: "x" })).ok // false
 */
export async function request(url: string, options: RequestOptions): Promise<Answer> {
  const answer = await told(url, options, jsonMeter(options.maxValues ?? 200_000));
  return answer.ok ? { ...answer, body: new TextDecoder().decode(answer.body) } : answer;
}

/** The same as bytes, which need not be JSON: to be hashed before anybody believes them. @example (await requestBytes("http://127.0.0.1:1", { source: "x" })).ok // false */
export async function requestBytes(
  url: string,
  options: Omit<RequestOptions, "body" | "maxValues">,
): Promise<Answer<Uint8Array>> {
  return told(url, options, () => null);
}

async function told(url: string, options: RequestOptions, meter: JsonMeter): Promise<Answer<Uint8Array>> {
  const began = performance.now();
  const answer = await exchange(url, options, meter);
  const { to, signal } = options;
  // Who was cut off because another was faster has told nothing of itself; who was too late has.
  const cut = signal?.aborted === true && (signal.reason as Error | undefined)?.name !== "TimeoutError";
  if (to !== undefined && !cut && DONE.hasSubscribers) {
    const seconds = (performance.now() - began) / 1_000;
    DONE.publish({
      to,
      host: new URL(url).host,
      seconds,
      code: answer.ok ? null : answer.fault.code,
    } satisfies RequestDone);
  }
  return answer;
}

async function exchange(url: string, options: RequestOptions, meter: JsonMeter): Promise<Answer<Uint8Array>> {
  const { address, authorization } = httpAddress(url);
  const { source, body, timeoutMs = 10_000, maxBytes = 4 * MIB } = options;
  // Cleared at the end: a signal of AbortSignal.timeout is held, with all that hangs on it, until its time is over.
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), timeoutMs);
  const timeout = late.signal;
  const signal = options.signal === undefined ? timeout : AbortSignal.any([timeout, options.signal]);
  const headers = { ...(body === undefined ? {} : JSON_HEADERS), ...authorization, ...options.headers };
  const sent = body === undefined ? {} : { method: "POST", body };
  try {
    const response = await fetch(address, { ...sent, headers, signal, redirect: "error" });
    if (response.status !== 200) return await errorAnswer(response, source);
    const read = await readCapped(response, maxBytes, meter);
    if ("why" in read) return { ok: false, status: 200, fault: fault("TOO_LARGE", source, read.why) };
    return { ok: true, status: 200, body: read.bytes };
  } catch (error) {
    const why = timeout.aborted
      ? `no complete answer within ${timeoutMs} ms`
      : options.signal?.aborted
        ? "aborted by the caller"
        : reason(error);
    return { ok: false, fault: fault("UNREACHABLE", source, why) };
  } finally {
    clearTimeout(timer);
  }
}

const JSON_HEADERS = { "content-type": "application/json" };

async function errorAnswer(response: Response, source: string): Promise<Answer<Uint8Array>> {
  const read = await readCapped(response, MAX_ERROR_BODY, jsonMeter(MAX_ERROR_VALUES));
  const wait = retryAfterMs(response.headers.get("retry-after"));
  return {
    ok: false,
    status: response.status,
    body: "bytes" in read ? new TextDecoder().decode(read.bytes) : "",
    fault: fault("HTTP_STATUS", source, `status ${response.status}, expected 200`),
    ...(wait === null ? {} : { retryAfterMs: wait }),
  };
}

/** The body; above a cap the connection is dropped, nothing more is read, and words say which cap. */
async function readCapped(
  response: Response,
  maxBytes: number,
  meter: JsonMeter,
): Promise<{ readonly bytes: Uint8Array } | { readonly why: string }> {
  if (response.body === null) return { bytes: new Uint8Array() };
  const reader = response.body.getReader();
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    bytes += value.byteLength;
    const why = bytes > maxBytes ? `above ${maxBytes} bytes` : meter(value);
    if (why !== null) {
      await reader.cancel().catch(() => undefined);
      return { why };
    }
    parts.push(value);
  }
  return { bytes: new Uint8Array(Buffer.concat(parts)) };
}

/** Milliseconds of a Retry-After in seconds; the date form is not used by the venues read here and counts as absent. */
function retryAfterMs(header: string | null): number | null {
  if (header === null || !/^\s*\d{1,9}(\.\d+)?\s*$/.test(header)) return null;
  return Math.min(Number(header) * 1000, MAX_RETRY_AFTER_MS);
}

/** `fetch` hides the socket's reason in a chain of causes. */
function reason(error: unknown): string {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    if ("code" in at && typeof at.code === "string") return at.code;
    if (at.cause === undefined) return at.message;
  }
  return String(error);
}

/** The address as `fetch` takes it, which refuses user and password, and these as a header. */
function httpAddress(url: string) {
  const address = URL.canParse(url) ? new URL(url) : null;
  if (address?.protocol !== "http:" && address?.protocol !== "https:") {
    throw new TonsorError("BAD_ARGUMENT", "not a web address", { field: "url", expected: "http(s)://host" });
  }
  const named = address.username !== "" || address.password !== "";
  const authorization = named ? { authorization: `Basic ${credentialsOf(url)}` } : {};
  [address.username, address.password] = ["", ""];
  return { address, authorization };
}

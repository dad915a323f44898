import { TonsorError } from "../domain/errors.ts";
import { type Fault, fault } from "../domain/fault.ts";

/** Limits of one request. */
type GetOptions = {
  /** Name of the source, carried by every fault. */
  readonly source: string;
  /** For the whole request, body included, milliseconds. Default 10 000. */
  readonly timeoutMs?: number;
  /** Largest body after decompression, bytes. Default 8 MiB, about ten real option boards. */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
};

/** An answer with status 200, or the one fault that cost it. */
type GetResult =
  | { readonly ok: true; readonly status: number; readonly body: string }
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
const MAX_RETRY_AFTER_MS = 600_000;

/**
 * The body of `url` as text, by GET. Every read of a venue goes through here.
 *
 * Never throws for what the other side does: refused, reset, hung, redirected or timed out is UNREACHABLE, any status
 * but 200 is HTTP_STATUS, a body above `maxBytes` is TOO_LARGE. The body is counted while it streams, after
 * decompression, and the connection is dropped at the cap: a 50 MB body or a gzip bomb is never held in memory.
 * Redirects are refused, so that a venue cannot send the keeper elsewhere.
 * @throws TonsorError BAD_ARGUMENT when `url` is not an http(s) address
 * @example (await getText("http://127.0.0.1:1", { source: "x" })).ok // false
 */
export async function getText(url: string, options: GetOptions): Promise<GetResult> {
  const address = httpAddress(url);
  const { source, timeoutMs = 10_000, maxBytes = 8 * MIB } = options;
  const timeout = AbortSignal.timeout(timeoutMs);
  const signal = options.signal === undefined ? timeout : AbortSignal.any([timeout, options.signal]);
  try {
    const response = await fetch(address, { headers: options.headers ?? {}, signal, redirect: "error" });
    if (response.status !== 200) return await errorAnswer(response, source);
    const body = await readCapped(response, maxBytes);
    if (body === null) return { ok: false, status: 200, fault: fault("TOO_LARGE", source, `above ${maxBytes} bytes`) };
    return { ok: true, status: 200, body };
  } catch (error) {
    const why = timeout.aborted
      ? `no complete answer within ${timeoutMs} ms`
      : options.signal?.aborted
        ? "aborted by the caller"
        : reason(error);
    return { ok: false, fault: fault("UNREACHABLE", source, why) };
  }
}

async function errorAnswer(response: Response, source: string): Promise<GetResult> {
  const body = (await readCapped(response, MAX_ERROR_BODY)) ?? "";
  const wait = retryAfterMs(response.headers.get("retry-after"));
  return {
    ok: false,
    status: response.status,
    body,
    fault: fault("HTTP_STATUS", source, `status ${response.status}, expected 200`),
    ...(wait === null ? {} : { retryAfterMs: wait }),
  };
}

/** The body as UTF-8 text, or null above the cap; then the connection is dropped and nothing more is read. */
async function readCapped(response: Response, maxBytes: number): Promise<string | null> {
  if (response.body === null) return "";
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  const parts: string[] = [];
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    bytes += value.byteLength;
    if (bytes > maxBytes) {
      await reader.cancel().catch(() => undefined);
      return null;
    }
    parts.push(decoder.decode(value, { stream: true }));
  }
  parts.push(decoder.decode());
  return parts.join("");
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

function httpAddress(url: string): URL {
  const address = URL.canParse(url) ? new URL(url) : null;
  if (address?.protocol === "http:" || address?.protocol === "https:") return address;
  throw new TonsorError("BAD_ARGUMENT", "not a web address", { field: "url", given: url, expected: "http(s)://host" });
}

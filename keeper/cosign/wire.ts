import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { TonsorError } from "../domain/errors.ts";
import { request } from "../io/http.ts";
import { parseCanonical } from "../io/json.ts";
import { type Answer, type AnyRoute, json, problem } from "../io/routes.ts";
import { type Guard, type Served, type ServerOptions, startServer } from "../io/server.ts";
import { isNearby } from "../runtime/configFile.ts";

/** The headers that seal a message. */
const COSIGN_HEADERS = { time: "x-tonsor-time", nonce: "x-tonsor-nonce", mac: "x-tonsor-mac" } as const;

const MOST_BYTES = 65_536;
/** Of an answer: a refusal, or a signature with the addresses it is for. */
const LIMITS = { maxBytes: MOST_BYTES, maxValues: 2_000 };
/** A message is accepted for so long before and after the time it names. */
const FRESH_SECONDS = 30;
const MOST_NONCES = 10_000;

/** One message: its method and path, when it was sent (Unix seconds), a nonce of 32 hexadecimal digits, its body. */
type Message = {
  readonly method: string;
  readonly path: string;
  readonly time: string;
  readonly nonce: string;
  readonly body: string;
};

/** HMAC-SHA256 over every part of a message, in hexadecimal; none but the last can hold the line break that separates them. */
function cosignMac(secret: string, { method, path, time, nonce, body }: Message): string {
  return createHmac("sha256", secret).update([method, path, time, nonce, body].join("\n")).digest("hex");
}

/** Takes as long for a near miss as for a far one. */
function hasMac(secret: string, message: Message, mac: string): boolean {
  const wanted = Buffer.from(cosignMac(secret, message), "hex");
  const given = /^[0-9a-f]{64}$/.test(mac) ? Buffer.from(mac, "hex") : Buffer.alloc(wanted.length);
  return timingSafeEqual(wanted, given);
}

/** An answer of a co-signer: its JSON, or in words why there is none. */
type CosignReply =
  | { readonly ok: true; readonly status: number; readonly body: unknown }
  | { readonly ok: false; readonly why: string };

/**
 * Posts a body to `<url>/cosign`, or to another `path`, sealed with the shared secret, and returns the answer. Never
 * throws for what the other side does; redirects are refused and answers above 64 KiB or without a canonical form dropped.
 * @param options.time Unix seconds of this machine, which the other side compares with its own
 */
export async function postCosign(
  url: string,
  body: string,
  options: { readonly secret: string; readonly time: number; readonly signal: AbortSignal; readonly path?: string },
): Promise<CosignReply> {
  const { secret, signal } = options;
  const address = new URL(`${url.replace(/\/+$/, "")}${options.path ?? "/cosign"}`);
  const [time, nonce] = [String(options.time), randomBytes(16).toString("hex")];
  const headers = {
    [COSIGN_HEADERS.time]: time,
    [COSIGN_HEADERS.nonce]: nonce,
    [COSIGN_HEADERS.mac]: cosignMac(secret, { method: "POST", path: address.pathname, time, nonce, body }),
  };
  const answer = await request(address.href, { to: "co-signer", source: "peer", body, headers, signal, ...LIMITS });
  if (signal.aborted) return { ok: false, why: "no answer in time" };
  if (!answer.ok && answer.status === undefined) return { ok: false, why: answer.fault.detail };
  if (!answer.ok && answer.status === 200) return { ok: false, why: `an answer ${answer.fault.detail}` };
  const parsed = parseCanonical(answer.body ?? "");
  if ("why" in parsed)
    return { ok: false, why: `an answer of status ${answer.status} that is no answer: ${parsed.why}` };
  return { ok: true, status: answer.status ?? 0, body: parsed.value };
}

/** Why a request was refused unread: a wrong seal, a time too far off, a message that came before, or another form. */
export type Rejected = "seal" | "clock" | "repeat" | "other";
/** What a sealed message is answered with; the value becomes JSON. */
type CosignHandler = (body: unknown) => Promise<unknown>;

/**
 * Listens for `POST /cosign`, and other paths where `extras` names some, sealed with the shared secret (`cosignMac`).
 * Anything else is refused unread, as `startServer` does: 413 above 64 KiB, 401 without the right seal or with a time more
 * than 30 s from this machine's, 409 for one that came before, 429 when more come than nonces can be remembered.
 * @param settings.now Unix seconds of this machine  @param settings.clean applied to every answer
 * @throws TonsorError BAD_ARGUMENT for an address that is neither loopback nor private, or a port in use
 */
export async function startCosignServer(
  settings: { readonly secret: string; now(): number } & Pick<ServerOptions, "host" | "port" | "clean" | "onFailed">,
  handler: CosignHandler,
  extras: {
    /** Answers by other paths, sealed in the same way. */
    readonly paths?: Readonly<Record<string, CosignHandler>>;
    /** Called for every request that was refused unread. */
    onRejected?(reason: Rejected): void;
  } = {},
): Promise<Served> {
  const { host, port, clean, onFailed } = settings;
  if (!isNearby(host)) {
    const facts = { field: "cosign.host", given: host, expected: "an address of loopback or of a private network" };
    throw new TonsorError("BAD_ARGUMENT", "co-signing does not listen on public addresses", facts);
  }
  const routes = Object.entries({ "/cosign": handler, ...extras.paths }).map(([path, handle]): AnyRoute => {
    const body = z.unknown().nonoptional("JSON");
    const answer: AnyRoute["answer"] = async (asked) => json(await handle(asked.body));
    return { method: "POST", path, summary: path, body, returns: "application/json", answer };
  });
  const served = await startServer({
    ...{ host, port, portField: "cosign.port", clean, onFailed, mostBytes: MOST_BYTES, routes },
    guard: sealed(settings),
    onRefused: (answer) => extras.onRejected?.(REASONS.get(answer) ?? "other"),
  });
  return { ...served, url: served.url.slice(0, -1) };
}

const SEAL = problem(401, "not allowed", "a message sealed with the shared secret");
const CLOCK = problem(401, "not allowed", `a clock within ${FRESH_SECONDS} s of this one`);
const REPEAT = problem(409, "heard before", "a message that did not come before");
const MANY = problem(429, "too many messages", "fewer messages");
const REASONS: ReadonlyMap<Answer, Rejected> = new Map([
  [SEAL, "seal"],
  [CLOCK, "clock"],
  [REPEAT, "repeat"],
]);

/** Lets a message pass that is sealed with the secret, of this time, and new. */
function sealed({ secret, now }: { readonly secret: string; now(): number }): Guard {
  const isNew = nonceMemory(now);
  return ({ path, text: body, header }) => {
    const { time, nonce, mac } = COSIGN_HEADERS;
    const message = { method: "POST", path, time: header(time), nonce: header(nonce), body };
    if (!/^[0-9a-f]{32}$/.test(message.nonce) || !hasMac(secret, message, header(mac))) return SEAL;
    if (!(Math.abs(now() - Number(message.time)) <= FRESH_SECONDS)) return CLOCK;
    const fresh = isNew(message.nonce);
    if (fresh === null) return MANY;
    return fresh ? null : REPEAT;
  };
}

/** Remembers each nonce while its message could be sent again: whether one is new, null when no more can be remembered. */
function nonceMemory(now: () => number): (nonce: string) => boolean | null {
  const seen = new Map<string, number>();
  return (nonce) => {
    for (const [old, until] of seen) if (until < now()) seen.delete(old);
    if (seen.has(nonce)) return false;
    if (seen.size >= MOST_NONCES) return null;
    seen.set(nonce, now() + 2 * FRESH_SECONDS);
    return true;
  };
}

import { createServer, type IncomingMessage } from "node:http";
import { type AddressInfo, isIP } from "node:net";
import { TonsorError } from "../domain/errors.ts";
import { isNearby } from "../runtime/configFile.ts";
import { COSIGN_HEADERS, isSealedBy } from "./cosignMac.ts";

const MOST_BYTES = 65_536;
/** A message counts for so long before and after the time it names. */
const FRESH_SECONDS = 30;
const MOST_NONCES = 10_000;

/** What a proposal is answered with; `body` becomes JSON. */
export type CosignHandler = (body: unknown) => Promise<unknown>;

/** What else a server may do. */
type CosignExtras = {
  /** Answers by other paths, sealed in the same way. */
  readonly paths?: Readonly<Record<string, CosignHandler>>;
  /** Hears of every request that was refused before anyone looked at it. */
  onRejected?(reason: Rejected): void;
};

/**
 * Listens for `POST /cosign`, and other paths where `extras` names some, sealed with the shared secret (`cosignMac`). What is not is refused before anyone looks at
 * it: 401 without the right seal or with a time more than 30 s from this machine's, 409 for one seen before, 404, 405,
 * 413 above 64 KiB, 429 when more come than nonces can be remembered, 400 for what is no JSON.
 * @param now Unix seconds of this machine
 * @throws TonsorError BAD_ARGUMENT for an address that is neither loopback nor private, or a port in use
 */
export async function startCosignServer(
  { host, port, secret, now }: { host: string; port: number; secret: string; now: () => number },
  handler: CosignHandler,
  extras: CosignExtras = {},
): Promise<{ readonly url: string; close(): Promise<void> }> {
  if (!isNearby(host)) {
    const facts = { field: "cosign.host", given: host, expected: "an address of loopback or of a private network" };
    throw new TonsorError("BAD_ARGUMENT", "co-signing does not listen to everyone", facts);
  }
  const seen = new Map<string, number>();
  const isNew = (nonce: string): boolean | null => {
    for (const [old, until] of seen) if (until < now()) seen.delete(old);
    if (seen.has(nonce)) return false;
    if (seen.size >= MOST_NONCES) return null;
    seen.set(nonce, now() + 2 * FRESH_SECONDS);
    return true;
  };
  const answer = async (request: IncomingMessage): Promise<Answer> => {
    const path = request.url ?? "";
    const handle = path === "/cosign" ? handler : extras.paths?.[path];
    if (handle === undefined) return problem(404, "/cosign");
    if (request.method !== "POST") return problem(405, "POST");
    const body = await bodyOf(request);
    if (body === null) return problem(413, `at most ${MOST_BYTES} bytes`);
    const header = (name: string) => String(request.headers[name] ?? "");
    const [time, nonce, mac] = [COSIGN_HEADERS.time, COSIGN_HEADERS.nonce, COSIGN_HEADERS.mac].map(header);
    const message = { method: "POST", path, time: time ?? "", nonce: nonce ?? "", body };
    if (!/^[0-9a-f]{32}$/.test(message.nonce) || !isSealedBy(secret, message, mac ?? "")) {
      return problem(401, "a message sealed with the shared secret", "seal");
    }
    const late = Math.abs(now() - Number(message.time));
    if (!(late <= FRESH_SECONDS)) return problem(401, `a clock within ${FRESH_SECONDS} s of this one`, "clock");
    const fresh = isNew(message.nonce);
    if (fresh === null) return problem(429, "fewer messages");
    if (!fresh) return problem(409, "a message not seen before", "repeat");
    return { status: 200, body: await handle(JSON.parse(body)) };
  };
  const server = createServer((request, response) => {
    answer(request)
      .catch((error: unknown) =>
        error instanceof SyntaxError ? problem(400, "JSON") : problem(500, "the keeper's log to say why"),
      )
      .then(({ status, body, rejected }) => {
        if (rejected !== undefined) extras.onRejected?.(rejected);
        response.writeHead(status, {
          "content-type": "application/json; charset=utf-8",
          "cache-control": "no-store",
          ...(status === 200 ? {} : { connection: "close" }),
        });
        response.end(JSON.stringify(body));
      })
      .catch(() => response.destroy());
  });
  server.requestTimeout = 5_000;
  server.headersTimeout = 5_000;
  server.maxConnections = 64;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => {
      const facts = { field: "cosign.port", given: port, expected: "a free port of cosign.host, or 0 to take any" };
      reject(new TonsorError("BAD_ARGUMENT", `${host}:${port} cannot be used: ${error.message}`, facts));
    });
    server.listen(port, host, resolve);
  });
  const shown = isIP(host) === 6 ? `[${host}]` : host;
  return {
    url: `http://${shown}:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Why: a wrong seal, a time too far off, a message seen before, or another form. */
export type Rejected = "seal" | "clock" | "repeat" | "other";
type Answer = { readonly status: number; readonly body: unknown; readonly rejected?: Rejected };

async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const parts: Buffer[] = [];
  let bytes = 0;
  // The answer comes before the connection ends, also when the rest is not read.
  for await (const part of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += part.byteLength;
    if (bytes > MOST_BYTES) return null;
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

function problem(status: number, expected: string, rejected: Rejected = "other"): Answer {
  return { status, body: { error: { expected } }, rejected };
}

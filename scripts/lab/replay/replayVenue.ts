import { createServer, type ServerResponse } from "node:http";
import { REPLAY_METHODS } from "./replayMethods.ts";
import type { ReplaySource } from "./replaySource.ts";
import { envelope, METHOD_NOT_FOUND, type RpcOutcome } from "./rpcShape.ts";

const PATH = /^(?:\/api\/v2)?\/public\/([a-z_]+)$/;

/** A running replay venue. */
type ReplayVenue = {
  /** Base URL for the Deribit adapter, e.g. "http://127.0.0.1:8400/api/v2". */
  readonly url: string;
  /** Times of all boards in [from, to], ascending, Unix seconds: when a keeper of the replay should run a cycle. */
  instants(from: number, to: number): readonly number[];
  close(): Promise<void>;
};

/**
 * Starts a loopback server that answers in the shape of Deribit's public API out of `data`. Nothing later than `now()`
 * can be read: the clock is asked once per request, and `data` answers for that moment only.
 * @param options.now the replay's clock, Unix milliseconds
 * @param options.port 0 or absent for any free port
 */
export async function startReplayVenue(options: {
  readonly data: ReplaySource;
  readonly now: () => number;
  readonly port?: number;
}): Promise<ReplayVenue> {
  const { data, now, port = 0 } = options;
  const server = createServer((request, response) => {
    const started = performance.now();
    const usIn = Math.floor(now() * 1000);
    const address = new URL(request.url ?? "/", "http://127.0.0.1");
    const method = REPLAY_METHODS[PATH.exec(address.pathname)?.[1] ?? ""];
    if (request.method !== "GET" || method === undefined) return send(response, METHOD_NOT_FOUND, usIn, usIn);
    try {
      const outcome = method(data, address.searchParams, Math.floor(usIn / 1e6));
      // The time taken is real, not replayed: at 3600 times the speed a millisecond would look like 3.6 seconds.
      send(response, outcome, usIn, usIn + Math.floor((performance.now() - started) * 1000));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      send(response, { error: { code: 10_001, message: "error", data: { reason } } }, usIn, usIn);
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const bound = server.address();
  const chosen = typeof bound === "object" && bound !== null ? bound.port : port;
  return {
    url: `http://127.0.0.1:${chosen}/api/v2`,
    instants: (from, to) => data.instants(from, to),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A refusal goes out with status 400, as at the venue. */
function send(response: ServerResponse, outcome: RpcOutcome, usIn: number, usOut: number): void {
  const body = envelope(outcome, usIn, usOut);
  response.writeHead("error" in outcome ? 400 : 200, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
  });
  response.end(body);
}

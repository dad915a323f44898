import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** One request of a JSON-RPC batch. */
export type RpcRequest = { readonly id: number; readonly method: string; readonly params: readonly unknown[] };

/** A JSON-RPC node on loopback that answers what the test says. */
export type RpcServer = {
  readonly url: string;
  /** Batches received, in order of arrival. */
  readonly batches: readonly (readonly RpcRequest[])[];
  /** Most batches that were waiting for an answer at the same time. */
  readonly mostAtOnce: () => number;
  close(): Promise<void>;
};

/** Returns the `result` or `{ error }` of one request; or takes over the whole response by `raw`. */
export type RpcAnswers = {
  readonly answer?: (request: RpcRequest) => { readonly result: unknown } | { readonly error: unknown };
  readonly raw?: (response: ServerResponse, batch: readonly RpcRequest[]) => void;
  /** Milliseconds before each answer. */
  readonly delayMs?: number;
};

export async function rpcServer({ answer, raw, delayMs = 0 }: RpcAnswers): Promise<RpcServer> {
  const batches: RpcRequest[][] = [];
  let open = 0;
  let most = 0;
  const server = createServer(async (request, response) => {
    open += 1;
    most = Math.max(most, open);
    response.once("close", () => {
      open -= 1;
    });
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const batch = [JSON.parse(Buffer.concat(chunks).toString())].flat() as RpcRequest[];
    batches.push(batch);
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
    if (raw !== undefined) return raw(response, batch);
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(batch.map((one) => ({ jsonrpc: "2.0", id: one.id, ...answer?.(one) }))));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    batches,
    mostAtOnce: () => most,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

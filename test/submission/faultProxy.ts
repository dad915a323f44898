import { createServer, type IncomingMessage } from "node:http";

/** What happens to one request: nothing, its answer lost, a 502 in its place, itself lost, or no end of it. */
export type Fault = "none" | "loseAnswer" | "badGateway" | "loseRequest" | "hang";

export type FaultProxy = {
  readonly url: string;
  /** Faults for the next requests that carry this method, in order; then none again. */
  inject(method: string, ...faults: readonly Fault[]): void;
  /** Requests seen, by method. */
  readonly seen: Map<string, number>;
  close(): Promise<void>;
};

/** A loopback JSON-RPC proxy in front of a real node that misbehaves on demand. */
export async function faultProxy(target: string): Promise<FaultProxy> {
  const queues = new Map<string, Fault[]>();
  const seen = new Map<string, number>();
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request);
    const methods = methodsOf(body);
    let fault: Fault = "none";
    for (const method of methods) {
      seen.set(method, (seen.get(method) ?? 0) + 1);
      fault = queues.get(method)?.shift() ?? fault;
    }
    if (fault === "loseRequest") return request.socket.destroy();
    if (fault === "hang") return;
    const answer = await fetch(target, { method: "POST", headers: { "content-type": "application/json" }, body });
    const text = await answer.text();
    if (fault === "loseAnswer") return request.socket.destroy();
    response.writeHead(fault === "badGateway" ? 502 : answer.status, { "content-type": "application/json" });
    response.end(fault === "badGateway" ? "<html>502 Bad Gateway</html>" : text);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    inject: (method, ...faults) => queues.set(method, [...(queues.get(method) ?? []), ...faults]),
    seen,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString("utf8");
}

function methodsOf(body: string): string[] {
  const parsed: unknown = JSON.parse(body);
  return (Array.isArray(parsed) ? parsed : [parsed]).map((call: { method: string }) => call.method);
}

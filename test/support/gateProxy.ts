import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { loopback } from "./loopback.ts";

/** A loopback JSON-RPC proxy before a real node, that holds one request back until it is told to let it through. */
export type GateProxy = {
  readonly url: string;
  /** Resolves when a request is held. */
  readonly held: Promise<void>;
  release(): void;
  close(): Promise<void>;
};

/** @param holds says of a request's body whether to hold it; the first that it says so of is held, and only that one */
export async function gateProxy(target: string, holds: (body: string) => boolean): Promise<GateProxy> {
  let holding = () => {};
  let release = () => {};
  let open = false;
  const held = new Promise<void>((resolve) => (holding = resolve));
  const gate = new Promise<void>((resolve) => (release = resolve));
  const server = await loopback(async (request, response) => {
    const body = await bodyOf(request);
    if (!open && holds(body)) {
      open = true;
      holding();
      await gate;
    }
    const answer = await fetch(target, { method: "POST", headers: { "content-type": "application/json" }, body });
    response.writeHead(answer.status, { "content-type": "application/json" });
    response.end(await answer.text());
    await once(response, "close");
  });
  return { url: server.url, held, release: () => release(), close: () => server.close() };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString("utf8");
}

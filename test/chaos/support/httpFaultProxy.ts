import type { IncomingMessage } from "node:http";
import { loopback } from "../../support/loopback.ts";

/** One request on its way through the proxy. */
export type Passing = { readonly path: string; readonly body: string };

/** What happens to one request. A change is applied to the answer's text, `ask` to the request's. */
export type HttpFault =
  | "none"
  | "loseRequest"
  | "loseAnswer"
  | "badGateway"
  | "hang"
  | {
      readonly change: (answer: string, passing: Passing) => string | Buffer;
      readonly ask?: (body: string) => string;
    }
  | { readonly before: () => Promise<void> }
  | { readonly after: () => Promise<void> };

/** A loopback proxy before a real HTTP server; what `rule` says of a request happens to it. */
export type HttpFaultProxy = {
  readonly url: string;
  rule: (passing: Passing) => HttpFault;
  /** Requests so far. */
  readonly count: () => number;
  close(): Promise<void>;
};

/** @param target address with its path, as the keeper would be given it */
export async function httpFaultProxy(target: string): Promise<HttpFaultProxy> {
  const base = new URL(target);
  let count = 0;
  const server = await loopback(async (request, response) => {
    count += 1;
    const passing = { path: request.url ?? "/", body: await bodyOf(request) };
    const fault = proxy.rule(passing);
    if (fault === "hang") return;
    if (fault === "loseRequest") return void request.socket.destroy();
    try {
      // What throws is a request that was lost while it waited.
      if (typeof fault === "object" && "before" in fault) await fault.before();
      const method = request.method ?? "GET";
      const answer = await fetch(new URL(passing.path, base), {
        method,
        headers: { "content-type": "application/json" },
        ...(method === "POST" ? { body: asked(fault, passing) } : {}),
      });
      const text = await answer.text();
      if (typeof fault === "object" && "after" in fault) await fault.after();
      if (fault === "loseAnswer") return void request.socket.destroy();
      if (fault === "badGateway") return void response.writeHead(502).end("<html>502 Bad Gateway</html>");
      const body = typeof fault === "object" && "change" in fault ? fault.change(text, passing) : text;
      response.writeHead(answer.status, { "content-type": "application/json" });
      response.end(body);
    } catch {
      request.socket.destroy();
    }
  });
  const proxy: HttpFaultProxy = {
    url: `${server.url}${base.pathname === "/" ? "" : base.pathname}`,
    rule: () => "none",
    count: () => count,
    close: () => server.close(),
  };
  return proxy;
}

function asked(fault: HttpFault, { body }: Passing): string {
  return typeof fault === "object" && "ask" in fault && fault.ask !== undefined ? fault.ask(body) : body;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString("utf8");
}

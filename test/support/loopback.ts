import { createServer, type RequestListener } from "node:http";

/** A loopback HTTP server for one test: its address, what was asked of it, and its end. */
export type Loopback = { readonly url: string; readonly requests: string[]; close(): Promise<void> };

/** An address at which nothing listens any more. */
export async function deadAddress(): Promise<string> {
  const gone = await loopback(() => {});
  await gone.close();
  return gone.url;
}

/** A port of loopback on which nothing listens yet. */
export async function freePort(): Promise<number> {
  return Number(new URL(await deadAddress()).port);
}

/** Starts a server on a free loopback port. Sockets that hang are cut on close; a test that fails before does not hang. */
export async function loopback(listener: RequestListener): Promise<Loopback> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url ?? "");
    listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.unref();
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

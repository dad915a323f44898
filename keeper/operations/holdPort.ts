import { createServer, type Server } from "node:net";
import { TonsorError } from "../domain/errors.ts";

/** A TCP port of loopback kept for a server that starts later; `release` gives it free. */
type HeldPort = { readonly port: number; release(): Promise<void> };

/**
 * Takes a port of 127.0.0.1 at once, so that a busy one is refused before any work is done; 0 takes a free one. `field`
 * is the name under which the caller was given the port.
 *
 * @throws TonsorError BAD_ARGUMENT when the port is taken or may not be used
 */
export async function holdPort(port: number, field: string): Promise<HeldPort> {
  const server = createServer((socket) => socket.destroy());
  await listening(server, port).catch((error: NodeJS.ErrnoException) => {
    const why = error.code === "EADDRINUSE" ? "is in use by another program" : `cannot be used: ${error.message}`;
    const facts = { field, given: port, expected: "a free port, or 0 to take any" };
    throw new TonsorError("BAD_ARGUMENT", `port ${port} ${why}`, facts, error);
  });
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : port,
    release: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
}

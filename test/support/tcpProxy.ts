import { connect, createServer, type Socket } from "node:net";

/** A loopback TCP proxy whose connections can be made to hang: taken, and never answered. */
export type TcpProxy = { readonly port: number; hang(): void; recover(): void; close(): Promise<void> };

/** Starts a proxy before a server on a port of loopback. While it hangs, nothing is passed on and nothing is closed. */
export async function tcpProxy(targetPort: number): Promise<TcpProxy> {
  const open = new Set<Socket>();
  let hanging = false;
  const keep = (socket: Socket): Socket => {
    open.add(socket);
    socket.on("error", () => undefined).on("close", () => open.delete(socket));
    return socket;
  };
  const server = createServer((near) => {
    keep(near);
    const far = keep(connect(targetPort, "127.0.0.1"));
    near.on("data", (bytes) => hanging || far.write(bytes));
    far.on("data", (bytes) => hanging || near.write(bytes));
    near.on("end", () => far.end());
    far.on("end", () => near.end());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    hang: () => {
      hanging = true;
    },
    recover: () => {
      hanging = false;
      for (const socket of open) socket.destroy();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

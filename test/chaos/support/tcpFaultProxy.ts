import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** A raw TCP proxy on loopback: it passes bytes, swallows them without a word, or refuses and cuts. */
export type TcpFaultProxy = {
  readonly port: number;
  /** "swallow" is the network that loses every packet: connections stay open and nothing comes back. */
  mode: "pass" | "swallow" | "refuse";
  /** Cuts every open connection. */
  cut(): void;
  close(): Promise<void>;
};

export async function tcpFaultProxy(targetPort: number): Promise<TcpFaultProxy> {
  const open = new Set<Socket>();
  const server = createServer((inner) => {
    if (proxy.mode === "refuse") return void inner.destroy();
    const outer = connect(targetPort, "127.0.0.1");
    for (const [from, to] of [
      [inner, outer],
      [outer, inner],
    ] as const) {
      open.add(from);
      from.on("data", (bytes) => {
        if (proxy.mode === "pass") to.write(bytes);
      });
      from.on("error", () => to.destroy());
      from.on("close", () => {
        open.delete(from);
        to.destroy();
      });
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const cut = () => {
    for (const socket of open) socket.destroy();
  };
  const proxy: TcpFaultProxy = {
    port: typeof address === "object" && address !== null ? address.port : 0,
    mode: "pass",
    cut,
    close: () =>
      new Promise((resolve) => {
        cut();
        server.close(() => resolve());
      }),
  };
  return proxy;
}

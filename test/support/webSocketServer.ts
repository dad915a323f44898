import { createHash } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";

/** A WebSocket server on loopback that says, on the n-th line from 0, what `say` gives for it, and nothing else (RFC 6455). */
export async function webSocketServer(say: (line: number) => readonly string[]) {
  const first = Promise.withResolvers<void>();
  const lines: Duplex[] = [];
  const server = createServer((_, response) => void response.writeHead(400).end());
  server.on("upgrade", ({ headers }: IncomingMessage, socket: Duplex) => {
    const accept = createHash("sha1").update(`${headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
    const head = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"];
    socket.on("error", () => socket.destroy());
    socket.write(`${[...head, `Sec-WebSocket-Accept: ${accept.digest("base64")}`].join("\r\n")}\r\n\r\n`);
    for (const text of say(lines.push(socket) - 1)) socket.write(frameOf(text));
    // A closing frame is answered by closing.
    socket.on("data", (data: Buffer) => data[0] === 0x88 && socket.end());
    // What a node is told first is the subscription.
    socket.once("data", () => first.resolve());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Lines that were opened until now. */
    lines: () => lines.length,
    /** Lines that nobody has closed. */
    open: () => lines.filter((line) => !line.writableEnded && !line.destroyed).length,
    /** Resolves once the first line has asked for something. */
    line: () => first.promise,
    /** Says this on every line. */
    say(text: string) {
      for (const line of lines) line.write(frameOf(text));
    },
    close() {
      for (const line of lines) line.destroy();
      server.close();
    },
  };
}

/** One text frame, unmasked, as servers send it. */
function frameOf(text: string): Buffer {
  const body = Buffer.from(text);
  const head = Buffer.alloc(body.length < 126 ? 2 : 10);
  head[0] = 0x81;
  head[1] = Math.min(body.length, 125);
  if (body.length >= 126) {
    head[1] = 127;
    head.writeBigUInt64BE(BigInt(body.length), 2);
  }
  return Buffer.concat([head, body]);
}

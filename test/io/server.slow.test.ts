import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { startServer } from "../../keeper/io/server.ts";

test("who sends neither head nor body to its end is cut off within some seconds", async (t) => {
  const routes = [{ method: "POST", path: "/", returns: "text/plain", answer: () => assert.fail("asked") }] as const;
  const server = await startServer({ host: "127.0.0.1", port: 0, routes, mostBytes: 10 });
  t.after(() => server.close());
  const began = performance.now();
  const cut = [
    "POST / HTTP/1.1\r\nHost: localhost\r\n",
    "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n1",
  ];
  for (const closed of cut.map(async (text) => {
    const socket = connect(Number(new URL(server.url).port), "127.0.0.1")
      .on("error", () => undefined)
      .resume();
    socket.write(text);
    return once(socket, "close");
  }))
    await closed;
  assert.ok(performance.now() - began < 9_000, `${performance.now() - began} ms`);
});

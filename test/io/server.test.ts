import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { after, before, test } from "node:test";
import { z } from "zod";
import { type AnyRoute, json } from "../../keeper/io/routes.ts";
import { type Served, startServer } from "../../keeper/io/server.ts";

const MOST = 1_000;
const ROUTES: readonly AnyRoute[] = [
  {
    ...{
      method: "POST",
      path: "/add.json",
      summary: "Adds",
      returns: z.object({ sum: z.number() }).meta({ title: "Sum" }),
    },
    query: z.object({ more: z.coerce.number("a number").optional() }),
    body: z.strictObject({ a: z.number(), b: z.number() }),
    answer: ({ query, body }) => json({ sum: body.a + body.b + (query.more ?? 0) }),
  },
  {
    ...{ method: "POST", path: "/any", summary: "Anything", returns: "application/json" },
    body: z.unknown().nonoptional("JSON"),
    answer: ({ body }) => json(body),
  },
];

let server: Served;
before(async () => {
  server = await startServer({ host: "127.0.0.1", port: 0, routes: ROUTES, told: { title: "Adder" }, mostBytes: MOST });
});
after(() => server.close());

const post = async (path: string, body: string) => {
  const response = await fetch(new URL(path, server.url), { method: "POST", body });
  return [response.status, (await response.json()) as unknown];
};

/** What a socket that writes `text` is first answered. */
async function said(text: string, { url } = server): Promise<string> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1").on("error", () => undefined);
  socket.write(text);
  const [first = ""] = await Promise.race([once(socket, "data"), once(socket, "close")]).catch(() => [""]);
  socket.destroy();
  return String(first);
}

test("a route gets its query and body in the form that it names, or is not asked", async () => {
  assert.deepEqual(await post("/add.json?more=3", '{"a":1,"b":2}'), [200, { sum: 6 }]);
  const absent = "Invalid input: expected number, received undefined at body.b";
  for (const [path, body, message, expected] of [
    ["/add.json?more=few", '{"a":1,"b":2}', 'query.more is "few"', "a number at query.more"],
    ["/add.json", '{"a":1}', "body.b is absent", absent],
    ["/add.json?more=x", '{"a":1}', 'query.more is "x"; body.b is absent', `a number at query.more; ${absent}`],
    ["/add.json", '{"a":1,"b":2,"c":3}', 'body is {"a":1,"b":2,"c":3}', 'Unrecognized key: "c" at body'],
    ["/add.json", "", "body is absent", "Invalid input: expected object, received undefined at body"],
    ["/any", "", "body is absent", "JSON at body"],
    ["/any", "{", "bad request", "JSON"],
  ] as const) {
    const [status, answered] = await post(path, body);
    assert.deepEqual([status, (answered as { error: object }).error], [400, { message, expected }], body);
  }
  assert.equal((await post("/addXjson", "{}"))[0], 404, "a point in a path is a point");
});

test("who sends too much is told so before the rest is read, and let go", async () => {
  const heads = `POST /any HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n`;
  const answered = await said(heads + " ".repeat(MOST + 1));
  assert.match(answered, /^HTTP\/1\.1 413 [\s\S]*\r\nconnection: close\r\n/i);
});

test("questions that do not wait for the answer before are not asked, for the answers would fill memory", async (t) => {
  let made = 0;
  const first = Promise.withResolvers<void>();
  const answer = async () => {
    made += 1;
    await first.promise;
    return json({});
  };
  const routes = [{ method: "GET", path: "/", returns: "application/json", answer }] as const;
  const slow = await startServer({ host: "127.0.0.1", port: 0, routes });
  t.after(() => slow.close());
  const ask = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
  assert.doesNotMatch(await said(ask.repeat(100), slow), /HTTP/);
  assert.equal(made, 1);
  first.resolve();
  const socket = connect(Number(new URL(slow.url).port), "127.0.0.1");
  t.after(() => socket.destroy());
  for (const before of [1, 2]) {
    socket.write(ask);
    assert.match(String((await once(socket, "data"))[0]), /^HTTP\/1\.1 200 /);
    assert.equal(made, before + 1, "one after the other they are");
  }
});

test("beyond two hundred connections the next are refused, and those there are go on", async () => {
  const crowded = await startServer({ host: "127.0.0.1", port: 0, routes: [], told: { title: "Nothing" } });
  const { port } = new URL(crowded.url);
  const sockets = Array.from({ length: 200 }, () => connect(Number(port), "127.0.0.1"));
  try {
    await Promise.all(sockets.map((socket) => once(socket, "connect")));
    const ask = "GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n";
    assert.equal(await said(ask, crowded), "");
    sockets[0]?.write(ask);
    assert.match(String((await once(sockets[0] ?? assert.fail(), "data"))[0]), /^HTTP\/1\.1 200 /);
  } finally {
    for (const socket of sockets) socket.destroy();
    await crowded.close();
  }
});

test("a port in use is an error of the setting that names it", async () => {
  const port = Number(new URL(server.url).port);
  const taken = startServer({ host: "127.0.0.1", port, portField: "ADMIN_PORT", routes: ROUTES });
  await assert.rejects(taken, {
    code: "BAD_ARGUMENT",
    facts: { field: "ADMIN_PORT", given: port, expected: "a free port, or 0 to take any" },
  });
});

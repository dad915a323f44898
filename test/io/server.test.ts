import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
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

test("what is wrong is named with its beginning, however long it is", async () => {
  const [, answered] = await post("/add.json", JSON.stringify({ a: "x".repeat(500), b: 2 }));
  assert.equal((answered as { error: { message: string } }).error.message, `body.a is "${"x".repeat(99)}`);
});

test("on loopback it answers loopback names alone, unless it has a guard", async (t) => {
  const routes = [{ method: "GET", path: "/", returns: "application/json", answer: () => json({}) }] as const;
  const own = { host: "127.0.0.1", port: 0, routes };
  const [plain, guarded] = [await startServer(own), await startServer({ ...own, guard: () => null })];
  t.after(() => Promise.all([plain.close(), guarded.close()]));
  const status = async (host: string, server: Served) =>
    (await said(`GET / HTTP/1.0\r\n${host}\r\n`, server)).slice(9, 12);
  for (const host of ["localhost", "localhost:1", "127.0.0.1:8640", "[::1]", "[::1]:8640"]) {
    assert.equal(await status(`Host: ${host}\r\n`, plain), "200", host);
  }
  for (const host of ["", "Host: attacker.example\r\n", "Host: localhost.example\r\n", "Host: localhost:1:2\r\n"]) {
    assert.equal(await status(host, plain), "421", host);
    assert.equal(await status(host, guarded), "200", host);
  }
});

test("it is served on IPv6 too, under an address that works, to loopback names alone", {
  skip: !Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === "::1")),
}, async (t) => {
  const served = await startServer({ host: "::1", port: 0, routes: [], told: { title: "Nothing" } });
  t.after(() => served.close());
  const { hostname, port } = new URL(served.url);
  assert.deepEqual([hostname, (await fetch(new URL("/openapi.json", served.url))).status], ["[::1]", 200]);
  const socket = connect(Number(port), "::1");
  t.after(() => socket.destroy());
  socket.write("GET /openapi.json HTTP/1.1\r\nHost: attacker.example\r\n\r\n");
  assert.match(String((await once(socket, "data"))[0]), /^HTTP\/1\.1 421 /);
});

test("words are cleaned, bytes are not, and whoever counts refusals hears of no other answer", async (t) => {
  const refused: number[] = [];
  const get = { method: "GET", returns: "text/plain" } as const;
  const of = (body: string | Uint8Array) => () => ({ status: 200, type: "text/plain", body });
  const told = await startServer({
    ...{ host: "127.0.0.1", port: 0, clean: (text: string) => text.replaceAll("secret", "***") },
    onRefused: ({ status }) => refused.push(status),
    routes: [
      { ...get, path: "/words", answer: of("a secret") },
      { ...get, path: "/bytes", answer: of(Buffer.from("a secret")) },
    ],
  });
  t.after(() => told.close());
  const ask = async (path: string) => (await fetch(new URL(path, told.url))).text();
  assert.deepEqual([await ask("/words"), await ask("/bytes")], ["a ***", "a secret"]);
  await ask("/nothing");
  assert.deepEqual(refused, [404]);
});

test("it closes at once, whoever is in the middle of a question", async () => {
  const open = await startServer({ host: "127.0.0.1", port: 0, routes: [] });
  const socket = connect(Number(new URL(open.url).port), "127.0.0.1").on("error", () => undefined);
  await once(socket, "connect");
  socket.write("GET / HTTP/1.1\r\n");
  await fetch(open.url); // so that the beginning is read by now
  const began = performance.now();
  await open.close();
  assert.ok(performance.now() - began < 2_000, `${performance.now() - began} ms`);
  socket.destroy();
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

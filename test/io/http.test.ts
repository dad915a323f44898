import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { onRequestDone, request, withOwnRequests } from "../../keeper/io/http.ts";
import { loopback } from "../support/loopback.ts";

type Answer = Awaited<ReturnType<typeof request>>;

const SOURCE = "deribit:ETH:options";

/** One request against a server that does `serve`, and how many bytes it managed to write. */
async function ask(
  serve: (response: ServerResponse) => void,
  options: Partial<Parameters<typeof request>[1]> = {},
): Promise<Answer> {
  const server = await loopback((_, response) => serve(response));
  try {
    return await request(`${server.url}/x`, { source: SOURCE, ...options });
  } finally {
    await server.close();
  }
}
const code = (result: Answer) => (result.ok ? "ok" : result.fault.code);
const detail = (result: Answer) => (result.ok ? "" : result.fault.detail);

test("a healthy answer is its body as text", async () => {
  const text = '{"café":"Ω 漢"}';
  const result = await ask((response) => {
    const bytes = Buffer.from(text);
    // Cut inside a character: the pieces must be joined before they are read.
    response.write(bytes.subarray(0, 6));
    setTimeout(() => response.end(bytes.subarray(6)), 5);
  });
  assert.deepEqual(result, { ok: true, status: 200, body: text });
});

test("headers are sent", async () => {
  let seen: string | undefined;
  const server = await loopback((request, response) => {
    seen = request.headers["x-key"]?.toString();
    response.end("1");
  });
  await request(server.url, { source: SOURCE, headers: { "x-key": "a" } });
  await server.close();
  assert.equal(seen, "a");
});

test("a refused connection is UNREACHABLE and says why", async () => {
  const result = await request("http://127.0.0.1:1/", { source: SOURCE });
  assert.equal(code(result), "UNREACHABLE");
  assert.match(detail(result), /ECONNREFUSED|bad port/);
  assert.equal(result.ok || result.fault.source, SOURCE);
});

test("a socket that never answers is UNREACHABLE after the timeout", async () => {
  const result = await ask(() => undefined, { timeoutMs: 60 });
  assert.deepEqual([code(result), detail(result)], ["UNREACHABLE", "no complete answer within 60 ms"]);
});

test("a body that stops half-way is UNREACHABLE after the timeout", async () => {
  const result = await ask((response) => void response.write('{"result":['), { timeoutMs: 60 });
  assert.deepEqual([code(result), detail(result)], ["UNREACHABLE", "no complete answer within 60 ms"]);
});

test("a connection reset in the middle of the body is UNREACHABLE", async () => {
  const result = await ask((response) => {
    response.writeHead(200, { "content-length": "1000" });
    response.write("{");
    setTimeout(() => response.destroy(), 5);
  });
  assert.equal(code(result), "UNREACHABLE");
});

test("the caller's signal ends the request at once", async () => {
  const result = await ask(() => undefined, { signal: AbortSignal.abort() });
  assert.deepEqual([code(result), detail(result)], ["UNREACHABLE", "aborted by the caller"]);
});

for (const status of [204, 301, 404, 429, 500, 502, 503]) {
  test(`status ${status} is a fault and never a body`, async () => {
    const result = await ask((response) => {
      response.writeHead(status, { location: "http://127.0.0.1:1/" });
      response.end(status === 204 ? undefined : "<html>");
    });
    // A redirect is refused before its status is looked at.
    assert.equal(code(result), status === 301 ? "UNREACHABLE" : "HTTP_STATUS");
  });
}

test("a redirect is not followed, though the other place would answer", async () => {
  const elsewhere = await loopback((_, response) => response.end("{}"));
  const result = await ask((response) => {
    response.writeHead(302, { location: elsewhere.url });
    response.end();
  });
  await elsewhere.close();
  assert.equal(code(result), "UNREACHABLE");
  assert.deepEqual(elsewhere.requests, []);
});

test("an error answer keeps its body, since venues put the reason there", async () => {
  const result = await ask((response) => {
    response.statusCode = 400;
    response.end('{"error":{"code":-32602}}');
  });
  assert.equal(!result.ok && result.body, '{"error":{"code":-32602}}');
  assert.equal(!result.ok && result.status, 400);
});

test("Retry-After in seconds is handed on, capped at ten minutes; the date form counts as absent", async () => {
  const after = (value: string) =>
    ask((response) => {
      response.writeHead(429, { "retry-after": value });
      response.end();
    }).then((result) => (result.ok ? null : result.retryAfterMs));
  assert.equal(await after("2"), 2000);
  assert.equal(await after("999999"), 600_000);
  assert.equal(await after("Wed, 21 Oct 2026 07:28:00 GMT"), undefined);
  assert.equal(await after("-1"), undefined);
});

test("a body above the cap is TOO_LARGE, at the cap it is not", async () => {
  const size = (bytes: number) =>
    ask((response) => response.end(Buffer.alloc(bytes, 32)), { maxBytes: 1000 }).then(code);
  assert.equal(await size(1000), "ok");
  assert.equal(await size(1001), "TOO_LARGE");
});

test("of a 50 MB body no more than the cap and what is on its way is ever taken", async () => {
  const chunk = Buffer.alloc(65_536, 32);
  let sent = 0;
  const result = await ask(
    (response) => {
      const push = () => {
        while (sent < 50e6 && !response.destroyed) {
          sent += chunk.length;
          if (!response.write(chunk)) return void response.once("drain", push);
        }
        response.end();
      };
      push();
    },
    { maxBytes: 1_000_000 },
  );
  assert.equal(code(result), "TOO_LARGE");
  assert.ok(sent < 20e6, `the server could send ${sent} bytes before it was cut off`);
});

test("a body of more values than the cap is TOO_LARGE while it still comes, however short each is", async () => {
  const flood = (values: number) =>
    ask((response) => response.end(`[${"{},".repeat(values - 2)}{}]`), { maxValues: 2_000 });
  assert.equal(code(await flood(900)), "ok");
  const refused = await flood(1_500);
  assert.deepEqual([code(refused), detail(refused)], ["TOO_LARGE", "above 2000 values"]);
});

test("a gzip bomb is counted after decompression", async () => {
  const bomb = gzipSync(Buffer.alloc(20_000_000));
  const result = await ask(
    (response) => {
      response.writeHead(200, { "content-encoding": "gzip" });
      response.end(bomb);
    },
    { maxBytes: 1_000_000 },
  );
  assert.ok(bomb.length < 30_000);
  assert.equal(code(result), "TOO_LARGE");
});

test("an address that is none is a wrong argument, not a fault of the market", async () => {
  for (const url of ["", "deribit.com", "file:///etc/passwd", "ftp://x"]) {
    await assert.rejects(request(url, { source: SOURCE }), { name: "TonsorError", code: "BAD_ARGUMENT" }, url);
  }
});

test("requests of one asker are told to its own listeners alone", async () => {
  const told: string[] = [];
  const listening = (name: string, to: "node" | "venue") => async () => {
    const end = onRequestDone((done) => told.push(`${name} hears of a ${done.to}`));
    await ask((response) => response.end("{}"), { to });
    return end;
  };
  const ends = await Promise.all([
    withOwnRequests(listening("one", "node")),
    withOwnRequests(listening("another", "venue")),
    listening("nobody", "node")(),
  ]);
  for (const end of ends) end();
  assert.deepEqual(told.toSorted(), ["another hears of a venue", "nobody hears of a node", "one hears of a node"]);
});

test("every request to a counterpart is told once it ended, but none that was cut off because another was faster", async () => {
  const told: Parameters<Parameters<typeof onRequestDone>[0]>[0][] = [];
  const end = onRequestDone((done) => told.push(done));
  const cut = new AbortController();
  const hang = () => undefined;
  await ask((response) => response.end("{}"), { to: "venue" });
  await ask((response) => response.writeHead(503).end(), { to: "node" });
  await ask(hang, { to: "signer", timeoutMs: 60 });
  await ask(hang, { to: "node", signal: AbortSignal.timeout(60) });
  const slower = ask(hang, { to: "node", signal: cut.signal });
  cut.abort();
  await slower;
  await ask((response) => response.end("{}"));
  end();
  await ask((response) => response.end("{}"), { to: "venue" });
  assert.deepEqual(
    told.map(({ to, code }) => [to, code]),
    [
      ["venue", null],
      ["node", "HTTP_STATUS"],
      ["signer", "UNREACHABLE"],
      ["node", "UNREACHABLE"],
    ],
  );
  assert.match(told[0]?.host ?? "", /^127\.0\.0\.1:\d+$/);
  const [quick, , slow] = told.map(({ seconds }) => seconds);
  assert.ok((quick ?? -1) >= 0 && (slow ?? 0) >= 0.055, `${quick} ${slow}`);
});

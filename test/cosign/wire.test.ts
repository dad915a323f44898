import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { postCosign, startCosignServer } from "../../keeper/cosign/wire.ts";
import { isNearby } from "../../keeper/runtime/configFile.ts";
import { sealHeaders } from "../support/cosignSeal.ts";
import { loopback } from "../support/loopback.ts";

const SECRET = "a secret of more than thirty-two characters";
const NOW = 1_770_000_000;

describe("the co-signing server", () => {
  const heard: unknown[] = [];
  const rejected: string[] = [];
  let now = NOW;
  let nonces = 0;
  let server: Awaited<ReturnType<typeof startCosignServer>>;
  before(async () => {
    const settings = { host: "127.0.0.1", port: 0, secret: SECRET, now: () => now };
    const hear = async (body: unknown) => {
      heard.push(body);
      return { heard: body };
    };
    server = await startCosignServer(settings, hear, { onRejected: (reason) => rejected.push(reason) });
  });
  after(() => server.close());

  type Sent = { body?: string; time?: number; nonce?: string; secret?: string; path?: string; method?: string };
  /** What is sent, and what its seal says was sent. */
  const call = async (sent: Sent = {}, sealed: Sent = sent) => {
    const before = heard.length;
    nonces += 1;
    const standard = { body: '{"n":1}', time: NOW, nonce: nonces.toString(16).padStart(32, "0"), secret: SECRET };
    const full = { ...standard, path: "/cosign", method: "POST", ...sent };
    const { secret, ...message } = { ...full, ...sealed };
    const response = await fetch(new URL(full.path, server.url), {
      method: full.method,
      ...(full.method === "GET" ? {} : { body: full.body }),
      headers: {
        ...sealHeaders(secret, { ...message, time: String(message.time) }),
        "x-tonsor-time": String(full.time),
        "x-tonsor-nonce": full.nonce,
      },
    });
    return [response.status, heard.length - before];
  };

  it("hears what the client sends, and answers it", async () => {
    const reply = await postCosign(server.url, '{"n":7}', {
      secret: SECRET,
      time: NOW,
      signal: AbortSignal.timeout(5_000),
    });
    assert.deepEqual(reply, { ok: true, status: 200, body: { heard: { n: 7 } } });
  });

  it("refuses another secret, and a seal of another body, path, method, time or nonce", async () => {
    assert.deepEqual(await call(), [200, 1]);
    assert.deepEqual(await call({ secret: `${SECRET}.` }), [401, 0]);
    for (const sealed of [
      { body: '{"n":2}' },
      { path: "/other" },
      { method: "PUT" },
      { time: NOW + 1 },
      { nonce: "f".repeat(32) },
    ]) {
      assert.deepEqual(await call({}, sealed), [401, 0], JSON.stringify(sealed));
    }
  });

  it("refuses a message without a seal, or with half of one", async () => {
    const plain = await fetch(new URL("/cosign", server.url), { method: "POST", body: "{}" });
    assert.equal(plain.status, 401);
    assert.deepEqual(await call({ nonce: "short" }), [401, 0]);
  });

  it("says of a request that was refused unread which part was wrong, and nothing of one that was heard", async () => {
    rejected.length = 0;
    const nonce = "ef".repeat(16);
    await call({ nonce });
    await call({ nonce });
    await call({ secret: `${SECRET}.` });
    await call({ time: NOW - 31 });
    await call({ path: "/pause" });
    assert.deepEqual(rejected, ["repeat", "seal", "clock", "other"]);
  });

  it("hears a message once", async () => {
    const nonce = "ab".repeat(16);
    assert.deepEqual(await call({ nonce }), [200, 1]);
    assert.deepEqual(await call({ nonce }), [409, 0]);
  });

  it("refuses a message from before or after its time, by more than half a minute", async () => {
    assert.deepEqual(await call({ time: NOW - 30 }), [200, 1]);
    for (const time of [NOW - 31, NOW + 31, Number.NaN]) assert.deepEqual(await call({ time }), [401, 0]);
  });

  it("does not hear again what it has forgotten the nonce of: it is stale by then", async () => {
    const nonce = "cd".repeat(16);
    assert.deepEqual(await call({ nonce, time: NOW + 30 }), [200, 1]);
    for (const passed of [60, 61]) {
      now = NOW + passed;
      assert.deepEqual(await call({ nonce, time: NOW + 30 }), passed === 60 ? [409, 0] : [401, 0]);
    }
    now = NOW;
  });

  it("refuses a body above 64 KiB before it looks at the seal, and what is no JSON after", async () => {
    assert.deepEqual(await call({ body: JSON.stringify("x".repeat(65_535)) }), [413, 0]);
    assert.deepEqual(await call({ body: JSON.stringify("x".repeat(65_534)) }), [200, 1], "with its quotes 64 KiB");
    for (const body of ["{", ""]) assert.deepEqual(await call({ body }), [400, 0], body);
  });

  it("knows one path and one method", async () => {
    assert.deepEqual(await call({ path: "/pause" }), [404, 0]);
    assert.deepEqual(await call({ method: "GET" }), [405, 0]);
  });

  it("listens to this machine and to private networks alone", async () => {
    for (const host of ["127.0.0.1", "::1", "10.1.2.3", "172.31.0.1", "192.168.1.1", "fd00::1"])
      assert.ok(isNearby(host));
    for (const host of ["0.0.0.0", "::", "8.8.8.8", "172.32.0.1", "localhost", ""]) assert.ok(!isNearby(host), host);
    const everyone = startCosignServer({ host: "0.0.0.0", port: 0, secret: SECRET, now: () => NOW }, async () => null);
    const opened = await everyone.then(
      (open) => open.close(),
      (error: Error) => error.message,
    );
    assert.match(opened ?? "it listened", /does not listen on public addresses/);
  });

  it("the client goes nowhere that a peer sends it to", async () => {
    const elsewhere = await loopback((_, response) => response.end("{}"));
    const peer = await loopback((_, response) => response.writeHead(307, { location: elsewhere.url }).end());
    try {
      const options = { secret: SECRET, time: NOW, signal: AbortSignal.timeout(2_000) };
      assert.equal((await postCosign(peer.url, "{}", options)).ok, false);
      assert.deepEqual([peer.requests, elsewhere.requests], [["/cosign"], []]);
    } finally {
      await Promise.all([peer.close(), elsewhere.close()]);
    }
  });

  it("the client gives up on who does not answer, answers without end, or answers no JSON", async () => {
    const options = () => ({ secret: SECRET, time: NOW, signal: AbortSignal.timeout(2_000) });
    const long = await loopback((_, response) => response.end(JSON.stringify("x".repeat(70_000))));
    const rubbish = await loopback((_, response) => response.end("<html>"));
    try {
      assert.deepEqual(await postCosign(long.url, "{}", options()), {
        ok: false,
        why: "an answer above 65536 bytes",
      });
      assert.equal((await postCosign(rubbish.url, "{}", options())).ok, false);
      assert.equal((await postCosign("http://127.0.0.1:9", "{}", options())).ok, false);
    } finally {
      await Promise.all([long.close(), rubbish.close()]);
    }
  });
});

import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import { type Call, openRpc, type Provider } from "../../keeper/io/rpc.ts";
import { type RpcAnswers, type RpcServer, rpcServer } from "../support/rpcServer.ts";

const HASH = `0x${"ab".repeat(32)}`;
const BLOCK = { number: "0x10", hash: HASH, timestamp: "0x65f00000", transactions: [] };

/** A well-behaved node of chain 31337 that echoes the calls' data. */
const calm: NonNullable<RpcAnswers["answer"]> = ({ method, params }) => {
  if (method === "eth_chainId") return { result: "0x7a69" };
  if (method === "eth_getBlockByNumber") return { result: BLOCK };
  return { result: (params[0] as Call).data };
};

async function node(t: TestContext, answers: RpcAnswers, settings: Partial<Parameters<typeof openRpc>[0]> = {}) {
  const server: RpcServer = await rpcServer(answers);
  t.after(() => server.close());
  return { server, rpc: openRpc({ url: server.url, chainId: 31337, timeoutMs: 2_000, ...settings }) };
}

const calls = (count: number): Call[] =>
  Array.from({ length: count }, (_, i) => ({
    to: `0x${"11".repeat(20)}`,
    data: `0x${(i + 256).toString(16).padStart(4, "0")}`,
  }));

test("a block comes with its number, hash and time", async (t) => {
  const { rpc } = await node(t, { answer: calm });
  assert.deepEqual(await rpc.block("latest"), { number: 16n, hash: HASH, timestamp: 0x65f00000, baseFee: 0n });
  assert.equal(rpc.chainId, 31337);
});

test("every request carries the chain id check first, and names its block", async (t) => {
  const { rpc, server } = await node(t, { answer: calm }, { batchSize: 10, gather: false });
  const results = await rpc.calls(calls(25), 255n);
  assert.deepEqual(
    results,
    calls(25).map(({ data }) => ({ ok: true, data })),
  );
  assert.deepEqual(
    server.batches.map((batch) => batch.length).toSorted((a, b) => a - b),
    [6, 11, 11],
  );
  for (const [first, ...rest] of server.batches) {
    assert.equal(first?.method, "eth_chainId");
    for (const { params } of rest) assert.equal(params[1], "0xff");
  }
});

test("at most as many requests are open as allowed", async (t) => {
  const { rpc, server } = await node(t, { answer: calm, delayMs: 20 }, { batchSize: 1, concurrency: 3 });
  await rpc.calls(calls(9), 1n);
  assert.ok(server.mostAtOnce() <= 3, `${server.mostAtOnce()} at once`);
});

/** A read of single calls, two at a time, through a provider that answers each after as many turns as it has data. */
function slowRead(count: number, failing: string | null = null) {
  const begun: string[] = [];
  const pause = () => new Promise<void>((resolve) => setImmediate(resolve));
  const url: Provider = {
    async request({ method, params }) {
      if (method === "eth_chainId") return "0x7a69";
      const [{ data }] = params as [Call];
      begun.push(data);
      if (data === failing) throw new Error("the node is gone");
      for (let turns = 10 - begun.length; turns > 0; turns--) await pause();
      return data;
    },
  };
  const rpc = openRpc({ url, chainId: 31337, batchSize: 1, concurrency: 2, gather: false });
  return { begun, pause, results: rpc.calls(calls(count), 1n) };
}

test("results keep the order of the calls, whichever answer comes first", async () => {
  const results = await slowRead(5).results;
  assert.deepEqual(
    results.map((one) => (one.ok ? one.data : one.reason)),
    calls(5).map(({ data }) => data),
  );
  assert.deepEqual(await slowRead(0).results, []);
});

test("the first request that fails fails the read, and no other is begun after it", async () => {
  const { begun, pause, results } = slowRead(6, "0x0101");
  await assert.rejects(results, { code: "RPC_FAILED", message: /the node is gone/ });
  for (let turns = 0; turns < 20; turns++) await pause();
  assert.deepEqual(begun, ["0x0100", "0x0101"]);
});

test("reads at the same time do not share a batch, so none is without its own chain id check", async (t) => {
  const { rpc, server } = await node(t, { answer: calm }, { batchSize: 4, gather: false });
  await Promise.all([rpc.calls(calls(2), 1n), rpc.calls(calls(2), 2n), rpc.block("latest")]);
  assert.equal(server.batches.length, 3);
  for (const batch of server.batches) assert.equal(batch.filter(({ method }) => method === "eth_chainId").length, 1);
});

test("a call that reverts says why and does not fail the others", async (t) => {
  const answer: RpcAnswers["answer"] = (request) => {
    const last = request.method === "eth_call" && (request.params[0] as Call).data === "0x0101";
    return last ? { error: { code: 3, message: "execution reverted: LOK", data: "0x" } } : calm(request);
  };
  const { rpc } = await node(t, { answer });
  assert.deepEqual(await rpc.calls(calls(2), 1n), [
    { ok: true, data: "0x0100" },
    { ok: false, reason: "execution reverted: LOK" },
  ]);
});

test("another chain is refused with both ids, whatever else the node answered", async (t) => {
  const answer: RpcAnswers["answer"] = (request) =>
    request.method === "eth_chainId" ? { result: "0x1" } : calm(request);
  const { rpc } = await node(t, { answer });
  await assert.rejects(rpc.calls(calls(1), 1n), { code: "WRONG_CHAIN", message: /given 1; expected 31337/ });
  await assert.rejects(rpc.block("latest"), { code: "WRONG_CHAIN" });
});

test("a node that lacks the block or the state fails the read and is not taken for a revert", async (t) => {
  const answer: RpcAnswers["answer"] = (request) => {
    if (request.method === "eth_getBlockByNumber") return { result: null };
    return request.method === "eth_chainId" ? calm(request) : { error: { code: -32000, message: "missing trie node" } };
  };
  const { rpc } = await node(t, { answer });
  await assert.rejects(rpc.block(99n), { code: "RPC_FAILED", message: /no block 99/ });
  await assert.rejects(rpc.calls(calls(2), 99n), { code: "RPC_FAILED", message: /missing trie node/ });
});

for (const [what, raw] of [
  ["HTML instead of JSON", (r) => r.setHeader("content-type", "text/html").end("<html>502 Bad Gateway</html>")],
  ["an error status", (r) => r.writeHead(503).end("busy")],
  ["a truncated body", (r) => r.setHeader("content-type", "application/json").end('[{"jsonrpc":"2.0","id":1,"res')],
  [
    "a body that is one error for the whole batch",
    (r) => r.end('{"jsonrpc":"2.0","error":{"code":-32005,"message":"rate limit"}}'),
  ],
  ["fewer answers than questions", (r) => r.end('[{"jsonrpc":"2.0","id":0,"result":"0x7a69"}]')],
  ["an empty body", (r) => r.end()],
  ["a dropped connection", (r) => r.destroy()],
  [
    "a result of another type",
    (r, b) =>
      r.end(JSON.stringify(b.map(({ id, method }) => ({ id, result: method === "eth_chainId" ? "0x7a69" : 7 })))),
  ],
] as const satisfies readonly (readonly [string, NonNullable<RpcAnswers["raw"]>])[]) {
  test(`${what} is RPC_FAILED for blocks and calls`, async (t) => {
    const { rpc } = await node(t, { raw });
    await assert.rejects(rpc.calls(calls(2), 1n), { code: "RPC_FAILED" });
    await assert.rejects(rpc.block("latest"), { code: "RPC_FAILED" });
  });
}

test("a node that never answers fails after the timeout, or at once when the caller aborts", async (t) => {
  const { rpc } = await node(t, { raw: () => {} }, { timeoutMs: 50 });
  await assert.rejects(rpc.block("latest"), { code: "RPC_FAILED" });
  const slow = await node(t, { raw: () => {} }, { timeoutMs: 60_000 });
  const stop = new AbortController();
  const read = slow.rpc.calls(calls(3), 1n, stop.signal);
  setTimeout(() => stop.abort(), 20);
  await assert.rejects(read, { code: "RPC_FAILED", message: /aborted by the caller/ });
  await assert.rejects(slow.rpc.block("latest", AbortSignal.abort()), {
    code: "RPC_FAILED",
    message: /aborted by the caller/,
  });
});

test("a body that trickles is cut off by the timeout too", async (t) => {
  const { rpc } = await node(
    t,
    { raw: (response) => response.setHeader("content-type", "application/json").write("[") },
    { timeoutMs: 50 },
  );
  await assert.rejects(rpc.block("latest"), { code: "RPC_FAILED" });
});

test("an access key in the address appears in no message and no cause", async () => {
  const rpc = openRpc({ url: "http://user:canary@127.0.0.1:1/canary", chainId: 1, timeoutMs: 500 });
  assert.equal(rpc.name, "127.0.0.1:1");
  const error = await rpc.block("latest").then(
    () => assert.fail("nothing listens there"),
    (thrown: Error) => thrown,
  );
  const cause = error.cause as Error;
  for (const text of [error.message, error.stack, cause.message, cause.stack, JSON.stringify(error)]) {
    assert.ok(!text?.includes("canary"), text);
  }
});

test("an address that is not http(s) is refused without being repeated", () => {
  for (const url of ["ws://canary", "canary", ""]) {
    assert.throws(
      () => openRpc({ url, chainId: 1 }),
      (error: Error) => {
        assert.match(error.message, /expected http/);
        return !error.message.includes("canary");
      },
    );
  }
});

import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import fc from "fast-check";
import type { Hex } from "viem";
import { gatherParams, readGathered } from "../../keeper/io/joined.ts";
import { type Call, openRpc } from "../../keeper/io/rpc.ts";
import { type RpcRequest, rpcServer } from "../support/rpcServer.ts";

const TO: Hex = `0x${"11".repeat(20)}`;
const calls = (count: number): Call[] => Array.from({ length: count }, (_, i) => ({ to: TO, data: `0x0${i % 10}` }));

test("calls are packed as address, length and data, at the block, with the code beside them", () => {
  const params = gatherParams(
    [
      { to: TO, data: "0x01" },
      { to: TO, data: "0x" },
    ],
    "0xff",
  );
  const [call, block, overrides] = params ?? assert.fail("two small calls can be gathered");
  assert.deepEqual([call.data, block], [`${TO}000101${TO.slice(2)}0000`, "0xff"]);
  assert.deepEqual(Object.keys(overrides), [call.to]);
});

test("data of more than 65 535 bytes cannot be gathered", () => {
  assert.equal(gatherParams([{ to: TO, data: `0x${"00".repeat(65_536)}` }], "0x1"), null);
  assert.notEqual(gatherParams([{ to: TO, data: `0x${"00".repeat(65_535)}` }], "0x1"), null);
});

test("what was returned is read back, and a call that failed is null", () => {
  assert.deepEqual(readGathered("0x01000001ff00000000", 2), ["0xff", null]);
  assert.deepEqual(readGathered("0x", 0), []);
});

test("bytes of another shape are no answer", () => {
  const good = "0x01000002aabb00000000";
  assert.deepEqual(readGathered(good, 2), ["0xaabb", null]);
  for (const cut of [2, 4, 9, 12, 14, good.length - 2]) assert.equal(readGathered(good.slice(0, cut), 2), null);
  assert.equal(readGathered(`${good}00`, 2), null, "too long");
  assert.equal(readGathered(good, 1), null, "another count");
  assert.equal(readGathered(good.replace("0x01", "0x02"), 2), null, "neither 0 nor 1");
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(4), (noise, count) => {
      const results = readGathered(`0x${Buffer.from(noise).toString("hex")}`, count);
      const bytes = results?.reduce((sum, one) => sum + 4 + ((one?.length ?? 2) - 2) / 2, 0);
      assert.ok(results === null || (results.length === count && (bytes ?? 0) <= noise.length));
    }),
  );
});

/** A node of chain 31337 with its own way with state overrides; single calls are echoed. */
async function nodeThat(t: TestContext, overrides: (request: RpcRequest) => { result: unknown } | { error: unknown }) {
  const server = await rpcServer({
    answer(request) {
      if (request.method === "eth_chainId") return { result: "0x7a69" };
      return request.params.length > 2 ? overrides(request) : { result: (request.params[0] as Call).data };
    },
  });
  t.after(() => server.close());
  return { server, rpc: openRpc({ url: server.url, chainId: 31337 }) };
}

const echoed = (count: number) => calls(count).map(({ data }) => ({ ok: true, data }));

for (const [what, answer] of [
  ["refuses them", { error: { code: -32_602, message: "too many arguments, want at most 2" } }],
  ["looks past them", { result: "0x" }],
  ["answers with something else", { result: 7 }],
] as const) {
  test(`a node that ${what} is asked call by call, and after three times at once so`, async (t) => {
    const { rpc, server } = await nodeThat(t, () => answer);
    for (let look = 0; look < 5; look++) assert.deepEqual(await rpc.calls(calls(4), 1n), echoed(4));
    const gathered = server.batches.filter((batch) => batch.some(({ params }) => params.length > 2));
    assert.equal(gathered.length, 3);
    assert.equal(server.batches.length, 3 + 5);
  });
}

test("what fails among others is asked again, and its reason is what the node says of it alone", async (t) => {
  const { rpc, server } = await nodeThat(t, () => ({ result: "0x01000001aa0000000001000000" }));
  assert.deepEqual(await rpc.calls(calls(3), 1n), [
    { ok: true, data: "0xaa" },
    { ok: true, data: "0x01" },
    { ok: true, data: "0x" },
  ]);
  assert.deepEqual(
    server.batches.map((batch) => batch.map(({ params }) => params.length)),
    [
      [0, 3],
      [0, 2],
    ],
  );
});

test("what failed for want of gas is gathered again as long as that helps", async (t) => {
  const fits = 3;
  const { rpc, server } = await nodeThat(t, ({ params }) => {
    const count = ((params[0] as Call).data.length - 2) / 2 / 23;
    return { result: `0x${Array.from({ length: count }, (_, i) => (i < fits ? "01000001bb" : "00000000")).join("")}` };
  });
  assert.deepEqual(await rpc.calls(calls(8), 1n), Array(8).fill({ ok: true, data: "0xbb" }));
  assert.equal(server.batches.length, 3);
});

test("one call alone is asked as it is", async (t) => {
  const { rpc, server } = await nodeThat(t, () => assert.fail("nothing to gather"));
  assert.deepEqual(await rpc.calls(calls(1), 1n), echoed(1));
  assert.equal(server.batches.length, 1);
});

test("no more is gathered into one question than public nodes give gas for", async (t) => {
  const { rpc, server } = await nodeThat(t, ({ params }) => {
    const count = ((params[0] as Call).data.length - 2) / 2 / 23;
    return { result: `0x${"01000001bb".repeat(count)}` };
  });
  const heavy = calls(5).map((call) => ({ ...call, gas: 18_000_000 }));
  assert.equal((await rpc.calls(heavy, 1n)).length, 5);
  const asked = server.batches.flatMap((batch) => batch.filter(({ method }) => method === "eth_call"));
  assert.deepEqual(
    asked.map(({ params }) => (params.length > 2 ? ((params[0] as Call).data.length - 2) / 2 / 23 : 1)).toSorted(),
    [1, 2, 2],
  );
});

test("code that a node does not run counts as a call that is refused, whatever the node says, and costs no other", async (t) => {
  const { rpc } = await nodeThat(t, () => ({
    error: { code: -32_602, message: "too many arguments, want at most 2" },
  }));
  const [plain, lens] = await rpc.calls([...calls(1), { to: TO, data: "0x02", code: "0x00" }], 1n);
  assert.deepEqual(plain, { ok: true, data: "0x00" });
  assert.equal(lens?.ok, false);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { agree, convicts, essence } from "../../../keeper/io/quorum/agreement.ts";
import type { NodeAnswer } from "../../../keeper/io/quorum/rpcNode.ts";

const ok = (result: unknown): NodeAnswer => ({ ok: true, result });
const error = (message: string, data?: unknown, code = -32_000): NodeAnswer => ({
  ok: false,
  error: { code, message, data },
});
const call = { method: "eth_call", params: [{}, "0x1"] };
const estimate = { method: "eth_estimateGas", params: [{}, "0x1"] };
const pool = { method: "eth_getTransactionCount", params: ["0x1", "pending"] };
const byHash = { method: "eth_getTransactionByHash", params: ["0x1"] };

test("the order of fields and the case of digits make no difference, one digit does", () => {
  const [a, b] = [ok({ x: "0xAB", y: 1 }), ok({ y: 1, x: "0xab" })];
  assert.deepEqual(agree(call, [a, b], 2, false), a);
  assert.equal(agree(call, [a, ok({ x: "0xac", y: 1 })], 2, true), null);
});

test("an error that says nothing about the chain is no vote, a refusal by the contract is one, by its data", () => {
  assert.equal(agree(call, [error("rate limit"), error("rate limit")], 2, true), null);
  const refused = error("execution reverted", "0x01", 3);
  assert.deepEqual(agree(call, [refused, error("VM Exception: reverted with reason", "0x01")], 2, false), refused);
  assert.equal(agree(call, [refused, error("execution reverted", "0x02", 3)], 2, true), null);
});

test("the estimate is the upper median, so that one node can move it neither to nothing nor to everything", () => {
  const answers = [ok("0x64"), ok("0x65"), ok("0xffffff")];
  assert.deepEqual(agree(estimate, answers, 2, true), ok("0x65"));
  assert.deepEqual(agree(estimate, [ok("0x1"), ok("0x65"), ok("0x64")], 2, true), ok("0x64"));
  assert.deepEqual(agree(estimate, [ok("0x64"), ok("0x65")], 2, true), ok("0x65"));
  assert.equal(agree(estimate, answers, 2, false), null, "it waits for those that still may answer");
  assert.equal(agree(estimate, [ok("0x64")], 2, true), null);
});

test("the pending nonce is the highest that the quorum reaches", () => {
  assert.deepEqual(agree(pool, [ok("0x5"), ok("0x9"), ok("0x4")], 2, true), ok("0x5"));
  assert.deepEqual(agree(pool, [ok("0x5"), ok("0x5"), ok("0x4")], 2, true), ok("0x5"));
});

test("a transaction is known when one node knows it, and unknown only when the quorum has said so and all were asked", () => {
  assert.deepEqual(agree(byHash, [ok(null), ok({ hash: "0x1" })], 2, false), ok({ hash: "0x1" }));
  assert.equal(agree(byHash, [ok(null), ok(null)], 2, false), null);
  assert.deepEqual(agree(byHash, [ok(null), ok(null)], 2, true), ok(null));
  assert.equal(agree(byHash, [ok(null)], 2, true), null);
});

test("of a receipt and a block only what consensus fixes is compared and passed on", () => {
  const receipt = { status: "0x1", gasUsed: "0x5208", blobGasPrice: "0x1", logs: [{ data: "0x", removed: false }] };
  const bare = essence("eth_getTransactionReceipt", receipt) as Record<string, unknown>;
  assert.equal(bare["gasUsed"], "0x5208");
  assert.ok(!("blobGasPrice" in bare) && !("removed" in (bare["logs"] as object[])[0]!));
  assert.equal(essence("eth_getTransactionReceipt", null), null);
  const block = essence("eth_getBlockByNumber", { hash: "0x1", totalDifficulty: "0x0" }) as object;
  assert.deepEqual(["hash" in block, "totalDifficulty" in block], [true, false]);
  assert.equal(essence("eth_call", "0x01"), "0x01");
});

test("only what a block fixes convicts a node", () => {
  assert.deepEqual([convicts(call), convicts(estimate), convicts(byHash)], [true, false, false]);
});

test("logs are compared by what consensus fixes of them, one by one and in order, and another log is another answer", () => {
  const logs = { method: "eth_getLogs", params: [{}] };
  const log = { address: "0xAB", topics: ["0x01"], data: "0x", logIndex: "0x0", blockNumber: "0x5" };
  const fixed = { blockHash: "0x07", transactionHash: "0x08", transactionIndex: "0x0" };
  const [a, b] = [
    ok([{ ...log, ...fixed, removed: false, blockTimestamp: "0x9" }]),
    ok([{ ...fixed, ...log, address: "0xab" }]),
  ];
  assert.deepEqual(agree(logs, [a, b], 2, false), ok([{ ...log, ...fixed }]));
  for (const change of [{ topics: ["0x02"] }, { blockHash: "0x06" }, { logIndex: "0x1" }, { address: "0xac" }]) {
    assert.equal(agree(logs, [a, ok([{ ...log, ...fixed, ...change }])], 2, true), null, JSON.stringify(change));
  }
  assert.equal(agree(logs, [a, ok([])], 2, true), null, "a node that leaves one out is no witness");
  assert.deepEqual(agree(logs, [ok([]), ok([]), a], 2, true), ok([]));
  assert.equal(convicts(logs), false, "a node that lags has fewer, and says nothing wrong");
});

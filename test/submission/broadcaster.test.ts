import assert from "node:assert/strict";
import { test } from "node:test";
import { TonsorError } from "../../keeper/domain/errors.ts";
import { abortable, openBroadcaster } from "../../keeper/submission/broadcaster.ts";

const HASH = `0x${"ab".repeat(32)}` as const;
const answering = (answer: unknown) => openBroadcaster({ request: async () => answer });
const failing = (error: Error) => openBroadcaster({ request: async () => Promise.reject(error) });
const rpcFailed = (pattern: RegExp) => (error: unknown) =>
  error instanceof TonsorError && error.code === "RPC_FAILED" && pattern.test(error.message);

test("quantities are read from hexadecimal, and each question goes out under its own method", async () => {
  const asked: string[] = [];
  const broadcaster = openBroadcaster({
    request: async ({ method, params }) => {
      asked.push(`${method} ${JSON.stringify(params)}`);
      return method === "eth_getBlockByNumber"
        ? { timestamp: "0x10", number: "0x20", baseFeePerGas: "0x3b9aca00" }
        : "0x7a69";
    },
  });
  assert.equal(await broadcaster.chainId(), 31337);
  assert.equal(await broadcaster.nonce("0xaa", "pending"), 31337);
  assert.equal(await broadcaster.balance("0xaa"), 31337n);
  assert.deepEqual(await broadcaster.latestBlock(), { time: 16, number: 32n, baseFee: 1_000_000_000n });
  assert.deepEqual(asked, [
    "eth_chainId []",
    'eth_getTransactionCount ["0xaa","pending"]',
    'eth_getBalance ["0xaa","latest"]',
    'eth_getBlockByNumber ["latest",false]',
  ]);
});

test("a receipt says whether it succeeded and in which block, and its absence is null", async () => {
  const mined = { blockNumber: "0xff", blockHash: HASH, gasUsed: "0x5208", effectiveGasPrice: "0x2" };
  assert.deepEqual(await answering({ ...mined, status: "0x1" }).receipt(HASH), {
    success: true,
    blockNumber: 255n,
    blockHash: HASH,
    feeWei: 42_000n,
  });
  assert.equal((await answering({ ...mined, status: "0x0" }).receipt(HASH))?.success, false);
  assert.equal(await answering(null).receipt(HASH), null);
  assert.deepEqual([await answering(null).knows(HASH), await answering({}).knows(HASH)], [false, true]);
});

test("a chain without base fees has a base fee of 0", async () => {
  assert.equal((await answering({ timestamp: "0x1", number: "0x1" }).latestBlock()).baseFee, 0n);
});

for (const nonsense of [null, undefined, "", "0x", "12", 12, "0xzz", {}, "<html>"]) {
  test(`an answer of ${JSON.stringify(nonsense)} is RPC_FAILED, never a number`, async () => {
    await assert.rejects(answering(nonsense).chainId(), rpcFailed(/not a quantity/));
    await assert.rejects(answering({ status: nonsense, blockNumber: "0x1" }).receipt(HASH), rpcFailed(/status/));
    await assert.rejects(answering(nonsense).latestBlock(), rpcFailed(/./));
  });
}

test("a failed question is RPC_FAILED with its method and the node's words, a failed send comes through as it is", async () => {
  const error = new Error("boom", { cause: new Error("ECONNREFUSED") });
  await assert.rejects(failing(error).knows(HASH), rpcFailed(/^eth_getTransactionByHash: boom \| ECONNREFUSED$/));
  await assert.rejects(failing(error).send("0x02"), error);
});

test("an abortable broadcaster asks nothing once its signal is aborted, and still hands over what was signed", async () => {
  const asked: string[] = [];
  const stop = new AbortController();
  const broadcaster = abortable(
    openBroadcaster({
      request: async ({ method }) => {
        asked.push(method);
        return "0x1";
      },
    }),
    stop.signal,
  );
  assert.equal(await broadcaster.chainId(), 1);
  stop.abort(new Error("stopped"));
  const questions = [
    broadcaster.chainId(),
    broadcaster.latestBlock(),
    broadcaster.nonce("0xaa", "latest"),
    broadcaster.balance("0xaa"),
    broadcaster.receipt(HASH),
    broadcaster.knows(HASH),
  ];
  for (const { status } of await Promise.allSettled(questions)) assert.equal(status, "rejected");
  await broadcaster.send("0x02");
  assert.deepEqual(asked, ["eth_chainId", "eth_sendRawTransaction"]);
});

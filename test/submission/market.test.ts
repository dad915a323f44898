import assert from "node:assert/strict";
import { test } from "node:test";
import { parseGwei, toHex } from "viem";
import { openBroadcaster } from "../../keeper/submission/broadcaster.ts";
import { marketNow } from "../../keeper/submission/fees.ts";
import { manageOpen } from "../../keeper/submission/manage.ts";
import { sendTimes } from "../../keeper/submission/send.ts";
import { submitBatch } from "../../keeper/submission/submitBatch.ts";
import { FakeChain, unsigned } from "./fakeChain.ts";
import { contextFor, journalFor, LIMITS, submissionFor, TIGHTER } from "./submissionWorld.ts";

const TO = "0x5FbDB2315678afecb367f032d93F642f64180aa3";
const G = parseGwei("1");
const LIMITED = { maxFeePerGas: 500n * G, maxPriorityFeePerGas: 2n * G, marketMultiple: 10n };

/** One tightening in the pool of a chain, and both clocks. */
async function world(change: object = {}) {
  const chain = new FakeChain();
  const journal = journalFor(TO);
  const clock = { ms: 0 };
  const context = {
    ...contextFor(journal, "http://127.0.0.1:1", `0x${"11".repeat(32)}`),
    account: unsigned,
    broadcaster: chain.broadcaster,
    sends: sendTimes(() => clock.ms),
    fees: { maxFeePerGas: 500n, maxPriorityFeePerGas: 1n },
    limits: { ...LIMITS, receiptTimeoutSeconds: 0, replaceAfterBlocks: 2 },
    ...change,
  };
  const send = (n: number, values?: typeof TIGHTER) => submitBatch(submissionFor(journal, TO, n, 1e6, values), context);
  await send(1);
  return { chain, journal, clock, context, send, manage: () => manageOpen([chain.current], context) };
}

test("while the chain stands still no raise is made, however long; two blocks without it make one", async () => {
  const w = await world();
  for (let minute = 1; minute <= 60; minute++) {
    w.clock.ms = minute * 60_000;
    assert.equal(await w.manage(), null);
  }
  w.chain.height += 1n;
  assert.equal(await w.manage(), null);
  w.chain.height += 1n;
  assert.match((await w.manage()) ?? "", /is overdue and offered again/);
  w.clock.ms += 60_000;
  assert.equal(await w.manage(), null, "the new offer has its own blocks");
  assert.equal(w.journal.openIntents().length, 2);
});

test("further tightenings replace a tightening at most once a block", async () => {
  const w = await world();
  for (let n = 2; n < 8; n++) await assert.rejects(w.send(n, TIGHTER), { code: "TRANSACTION_UNKNOWN" });
  w.chain.height += 1n;
  await w.send(8, TIGHTER);
  await assert.rejects(w.send(9, { ...TIGHTER, initialBps: 2_700 }), { code: "TRANSACTION_UNKNOWN" });
  assert.equal(w.journal.openIntents().length, 2);
});

test("the tip is the market's as far as allowed, the usual one where nobody tells; the cap a multiple of the market", async () => {
  const tipAndCap = async (baseFee: bigint, tip: bigint | null) => {
    const chain = new FakeChain();
    chain.baseFee = baseFee;
    const { limits } = await marketNow({ broadcaster: { ...chain.broadcaster, tip: async () => tip }, fees: LIMITED });
    return [limits.maxPriorityFeePerGas, limits.maxFeePerGas];
  };
  assert.deepEqual(await tipAndCap(20n * G, G / 10n), [G / 10n, 201n * G]);
  assert.deepEqual(
    await tipAndCap(20n * G, 3n * G),
    [2n * G, 230n * G],
    "above what is allowed it still tells what is asked",
  );
  assert.deepEqual(await tipAndCap(20n * G, null), [G, 210n * G]);
  assert.deepEqual(await tipAndCap(400n * G, 2n * G), [2n * G, 500n * G], "the absolute cap stands");
  assert.deepEqual(await tipAndCap(0n, 1n), [1n, G / 10n], "where next to nothing is asked there is room to raise");
});

test("raises end at the multiple of the market, below the absolute cap, and say by which settings", async () => {
  const fees = { maxFeePerGas: 500n * G, maxPriorityFeePerGas: G, marketMultiple: 3n };
  const w = await world({ fees });
  w.chain.baseFee = G;
  let said = "";
  for (let tries = 0; tries < 30 && said === ""; tries++) {
    w.clock.ms += 60_000;
    w.chain.height += 2n;
    await w.manage().catch((error: Error) => (said = error.message));
  }
  assert.match(said, /the fee cap allows no replacement.*fees\.maxMarketMultiple.*below the cap 6000000000$/);
  assert.ok(w.journal.openIntents().every(({ maxFeePerGas }) => maxFeePerGas <= 6n * G));
});

/** A node that answers by method. */
const node = (answers: Readonly<Record<string, unknown>>) =>
  openBroadcaster({
    request: async ({ method }) => {
      const answer = answers[method];
      if (answer instanceof Error) throw answer;
      return answer;
    },
  });

test("the tip is the middle of what blocks paid; empty blocks say nothing, and a node without the history neither", async () => {
  const tips = (...gwei: number[]) => ({
    eth_feeHistory: { reward: gwei.map((one) => [toHex(parseGwei(String(one)))]) },
  });
  assert.equal(await node(tips(0, 3, 0, 1, 2)).tip(9n), 2n * G);
  assert.equal(await node(tips(0, 0)).tip(9n), null);
  assert.equal(await node({ eth_feeHistory: {} }).tip(9n), null);
  assert.equal(await node({ eth_feeHistory: new Error("the method does not exist") }).tip(9n), null);
});

test("a rollup's receipt counts its l1Fee, and its publication is asked for before it is signed", async () => {
  const hash = `0x${"aa".repeat(32)}` as const;
  const plain = { status: "0x1", blockNumber: "0x1", blockHash: hash, gasUsed: "0x64", effectiveGasPrice: "0x2" };
  const fee = async (receipt: object) => (await node({ eth_getTransactionReceipt: receipt }).receipt(hash))?.feeWei;
  assert.deepEqual(
    [await fee(plain), await fee({ ...plain, l1Fee: "0x7" }), await fee({ ...plain, l1Fee: null })],
    [200n, 207n, 200n],
  );
  assert.equal(await node({ eth_call: `0x${"7".padStart(64, "0")}` }).publicationFee("0x02"), 7n);
  assert.equal(await node({ eth_call: "0x" }).publicationFee("0x02"), 0n, "no such contract: no rollup of this kind");
});

test("a budget that gas alone would leave room in refuses for what publication costs", async () => {
  const budget = { perHour: 10_000_000n, perDay: 10_000_000n };
  const fees = { maxFeePerGas: 500n, maxPriorityFeePerGas: 1n, budget };
  const w = await world({ fees });
  w.chain.mine(0);
  const broadcaster = { ...w.chain.broadcaster, publicationFee: async () => 8_000_000n };
  const send = (n: number, more: object) =>
    submitBatch(submissionFor(w.journal, TO, n, 1e6, TIGHTER), { ...w.context, ...more });
  await assert.rejects(send(2, { broadcaster }), { code: "TRANSACTION_UNKNOWN" }, "the first was mined meanwhile");
  await assert.rejects(send(3, { broadcaster }), { code: "SPEND_BUDGET", message: /given 1251\d{4}|given 1\d{7}/ });
  await send(4, {});
});

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Hex } from "../../keeper/domain/contract.ts";
import { TonsorError } from "../../keeper/domain/errors.ts";
import { isOnItsWay, manageOpen, moveOpen } from "../../keeper/submission/manage.ts";
import { sendTimes } from "../../keeper/submission/send.ts";
import { submitBatch } from "../../keeper/submission/submitBatch.ts";
import { FakeChain, unsigned } from "./fakeChain.ts";
import { contextFor, journalFor, LIMITS, LOOSENING, submissionFor, TIGHTENING } from "./submissionWorld.ts";

const TO = "0x5FbDB2315678afecb367f032d93F642f64180aa3";
const DEADLINE = 1_300;

/** One batch that waits in the pool, and a clock. */
async function world(values = TIGHTENING, cap = 500n) {
  const chain = new FakeChain();
  const journal = journalFor(TO);
  const clock = { ms: 0 };
  const context = {
    ...contextFor(journal, "http://127.0.0.1:1", `0x${"11".repeat(32)}`),
    account: unsigned,
    broadcaster: chain.broadcaster,
    sends: sendTimes(() => clock.ms),
    fees: { maxFeePerGas: cap, maxPriorityFeePerGas: 1n },
    limits: { ...LIMITS, receiptTimeoutSeconds: 0 },
  };
  const submission = submissionFor(journal, TO, 1, DEADLINE, values);
  chain.batches.set(submission.data, submission.batch);
  await submitBatch(submission, context);
  const newest = () => journal.openIntents().at(-1);
  return { chain, journal, clock, context, newest, manage: () => manageOpen([chain.current], context) };
}

test("with nothing open there is nothing to do", async () => {
  const w = await world();
  w.chain.mine(0);
  w.journal.resolveIntent(1, { status: "CONFIRMED", at: 1, blockNumber: 1n });
  w.clock.ms = 1e9;
  assert.equal(await w.manage(), null);
});

test("a tightening is left alone for 30 s and then offered higher, the same batch at the same nonce", async () => {
  const w = await world();
  w.clock.ms = 29_999;
  assert.equal(await w.manage(), null);
  w.clock.ms = 30_000;
  assert.match((await w.manage()) ?? "", /is overdue and offered again as 0x[0-9a-f]{64} at 47 wei per gas/);
  const [first, second] = w.journal.openIntents();
  assert.deepEqual([second?.batch, second?.nonce, second?.replaces], [first?.batch, 0, first?.id]);
  assert.equal(await w.manage(), null, "the new offer has its own 30 s");
});

test("a loosening is never offered higher: it waits, and is cancelled when it can only revert", async () => {
  const w = await world(LOOSENING);
  w.clock.ms = 1e9;
  assert.equal(await w.manage(), null);
  w.chain.time = DEADLINE + 600;
  assert.equal(await w.manage(), null);
  w.chain.time = DEADLINE + 601;
  assert.match((await w.manage()) ?? "", /deadline passed 601 s ago/);
  assert.equal(w.newest()?.kind, "CANCEL");
});

test("past its deadline a tightening is not offered any more", async () => {
  const w = await world();
  w.clock.ms = 1e9;
  w.chain.time = DEADLINE + 1;
  assert.equal(await w.manage(), null);
});

test("an overdue cancellation is offered higher, and its effect is a used nonce and nothing else", async () => {
  const w = await world();
  w.chain.time = DEADLINE + 700;
  await w.manage();
  const cancel = w.newest();
  assert.equal(await w.manage(), null);
  w.clock.ms += 30_000;
  assert.match((await w.manage()) ?? "", /offered again/);
  assert.deepEqual([w.newest()?.kind, w.newest()?.replaces, w.newest()?.gasLimit], ["CANCEL", cancel?.id, 21_000n]);
  w.chain.mine(2);
  assert.deepEqual([w.chain.mined.length, w.chain.sequence], [1, 0n]);
});

test("at the cap the cancellation waits, and says what to do", async () => {
  const w = await world(TIGHTENING, 45n);
  w.chain.time = DEADLINE + 700;
  await assert.rejects(
    w.manage(),
    (error) =>
      error instanceof TonsorError && error.code === "TRANSACTION_UNKNOWN" && /maxFeePerGasGwei/.test(error.message),
  );
  assert.equal(w.journal.openIntents().length, 1);
});

test("an operator may cancel at any time, and is told when there is nothing to cancel", async () => {
  const w = await world();
  const first = w.newest();
  const moved = await moveOpen("cancel", w.context, () => undefined);
  const cancel = w.newest();
  assert.deepEqual([moved.hash, moved.rivals], [cancel?.transactionHash, [first?.transactionHash]]);
  assert.deepEqual([cancel?.kind, cancel?.to, cancel?.batch.entries], ["CANCEL", unsigned.address as Hex, []]);
  w.chain.mine(1);
  await assert.rejects(
    moveOpen("cancel", w.context, () => undefined),
    /there is nothing to cancel/,
  );
});

test("on its way is what is neither overdue nor past its deadline, and what this process sent", async () => {
  const w = await world();
  const open = w.journal.openIntents();
  const at = (blockTime: number) => ({ blockTime, blockNumber: 0n });
  const counts = (time: number, context = w.context) => isOnItsWay(open, at(time), context);
  assert.deepEqual([counts(DEADLINE), counts(DEADLINE + 1), isOnItsWay([], at(0), w.context)], [true, false, false]);
  assert.equal(counts(DEADLINE, { ...w.context, sends: sendTimes(() => 0) }), false);
  w.clock.ms = 30_000;
  assert.equal(counts(DEADLINE), false);
});

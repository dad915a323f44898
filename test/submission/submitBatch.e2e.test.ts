import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { parseEther } from "viem";
import { type ErrorCode, TonsorError } from "../../keeper/domain/errors.ts";
import { reconcile } from "../../keeper/submission/reconcile.ts";
import { submitBatch } from "../../keeper/submission/submitBatch.ts";
import { mined, send } from "../../scripts/lab/replica/node.ts";
import {
  contextFor,
  effects,
  fundedKey,
  journalFor,
  limited,
  type SubmissionWorld,
  submissionFor,
  submissionWorld,
} from "./submissionWorld.ts";

let world: SubmissionWorld;
before(async () => {
  world = await submissionWorld();
});
afterEach(() => world.node.setAutomine(true));
after(() => world.anvil.close());

const coded =
  (code: ErrorCode, pattern = /./) =>
  (error: unknown) =>
    error instanceof TonsorError && error.code === code && pattern.test(error.message);

/** A keeper with a fresh funded key and an empty journal. */
async function keeper(ether = "1") {
  const { key, address } = await fundedKey(world, ether);
  const journal = journalFor(world.effect);
  return { journal, address, context: contextFor(journal, world.anvil.url, key) };
}
const count = async (n: number) => (await effects(world.node, world.effect)).filter((effect) => effect === n).length;

test("a batch is confirmed with one effect, and stood in the journal before it was sent", async () => {
  const { journal, context } = await keeper();
  let journalled = false;
  const broadcaster = {
    ...context.broadcaster,
    send: async (raw: `0x${string}`) => {
      const [intent] = journal.openIntents();
      journalled = intent?.status === "PLANNED" && intent.rawTransaction === raw;
      await context.broadcaster.send(raw);
    },
  };
  const intent = await submitBatch(submissionFor(journal, world.effect, 1), { ...context, broadcaster });
  assert.equal(intent.status, "CONFIRMED");
  assert.ok(journalled);
  assert.ok(intent.blockNumber !== null && intent.blockNumber > 0n);
  assert.equal(await count(1), 1);
});

test("a transaction that reverts is REVERTED with its block, and the next one goes through", async () => {
  const { journal, context } = await keeper();
  const reverted = await submitBatch(submissionFor(journal, world.reverter, 2), context);
  assert.equal(reverted.status, "REVERTED");
  assert.ok(reverted.blockNumber !== null);
  const next = await submitBatch(submissionFor(journal, world.effect, 3), context);
  assert.deepEqual([next.status, next.nonce], ["CONFIRMED", 1]);
});

test("without ether nothing is signed, and both sums are told", async () => {
  const { journal, context } = await keeper("0");
  const refused = coded(
    "TRANSACTION_REFUSED",
    /too little ether .*; given 0; expected >= \d+ \(gas limit x highest fee\)/,
  );
  await assert.rejects(submitBatch(submissionFor(journal, world.effect, 4), context), refused);
  assert.deepEqual(journal.recentIntents(9), []);
});

test("what the node refuses is DROPPED with its words, and its nonce is used by the next one", async () => {
  const { journal, context, address } = await keeper("0");
  const rich = { ...context, broadcaster: { ...context.broadcaster, balance: async () => parseEther("1") } };
  const dropped = await submitBatch(submissionFor(journal, world.effect, 4), rich);
  assert.equal(dropped.status, "DROPPED");
  assert.match(dropped.detail ?? "", /^INSUFFICIENT_FUNDS: /);
  await world.node.setBalance({ address, value: parseEther("1") });
  const next = await submitBatch(submissionFor(journal, world.effect, 5), context);
  assert.deepEqual([next.status, next.nonce], ["CONFIRMED", 0]);
  assert.equal(await count(4), 0);
});

test("what is in no block in time stays SENT, holds the broadcaster, and is confirmed when next reconciled", async () => {
  const { journal, context } = await keeper();
  await world.node.setAutomine(false);
  const sent = await submitBatch(
    submissionFor(journal, world.effect, 6),
    limited(context, { receiptTimeoutSeconds: 0.04 }),
  );
  assert.equal(sent.status, "SENT");
  await assert.rejects(
    submitBatch(submissionFor(journal, world.effect, 7), context),
    coded("TRANSACTION_UNKNOWN", new RegExp(sent.transactionHash)),
  );
  await world.node.mine({ blocks: 1 });
  assert.deepEqual(await reconcile(context), []);
  assert.equal(journal.intent(sent.id).status, "CONFIRMED");
  assert.deepEqual([await count(6), await count(7)], [1, 0]);
});

test("a transaction that the pool forgot is sent again, the same bytes, with one effect", async () => {
  const { journal, context } = await keeper();
  await world.node.setAutomine(false);
  const sent = await submitBatch(
    submissionFor(journal, world.effect, 8),
    limited(context, { receiptTimeoutSeconds: 0.04 }),
  );
  await world.node.dropTransaction({ hash: sent.transactionHash });
  assert.equal(await context.broadcaster.knows(sent.transactionHash), false);
  await reconcile(context);
  assert.equal(await context.broadcaster.knows(sent.transactionHash), true);
  await world.node.mine({ blocks: 1 });
  await reconcile(context);
  assert.equal(journal.intent(sent.id).status, "CONFIRMED");
  assert.equal(await count(8), 1);
});

test("a forgotten transaction whose deadline has passed is DROPPED and never sent again", async () => {
  const { journal, context } = await keeper();
  await world.node.setAutomine(false);
  const { timestamp } = await world.node.getBlock();
  const submission = submissionFor(journal, world.effect, 9, Number(timestamp) + 60);
  const sent = await submitBatch(submission, limited(context, { receiptTimeoutSeconds: 0.04 }));
  await world.node.dropTransaction({ hash: sent.transactionHash });
  await world.node.increaseTime({ seconds: 120 });
  await world.node.mine({ blocks: 1 });
  assert.deepEqual(await reconcile(context), []);
  assert.equal(journal.intent(sent.id).status, "DROPPED");
  await world.node.mine({ blocks: 2 });
  assert.equal(await count(9), 0);
});

test("an intent whose nonce another transaction used is SUPERSEDED", async () => {
  const { journal, context, address } = await keeper();
  const lost = { ...context.broadcaster, send: async () => Promise.reject(new Error("socket hang up")) };
  const unknown = await submitBatch(submissionFor(journal, world.effect, 10), {
    ...context,
    broadcaster: lost,
    limits: { ...context.limits, receiptTimeoutSeconds: 0 },
  });
  assert.equal(unknown.status, "UNKNOWN");
  await world.node.impersonateAccount({ address });
  await mined(world.node, [await send(world.node, { from: address, to: world.effect, data: "0x0b" })]);
  assert.deepEqual(await reconcile(context), []);
  assert.equal(journal.intent(unknown.id).status, "SUPERSEDED");
  assert.equal(await count(10), 0);
});

test("a transaction of the account that the journal does not know holds the nonce", async () => {
  const { journal, context, address } = await keeper();
  await world.node.setAutomine(false);
  await world.node.impersonateAccount({ address });
  await send(world.node, { from: address, to: world.effect, data: "0x0c" });
  await assert.rejects(
    submitBatch(submissionFor(journal, world.effect, 11), context),
    coded("TRANSACTION_UNKNOWN", /one keeper per key/),
  );
  await world.node.mine({ blocks: 1 });
  assert.equal(
    (await submitBatch(submissionFor(journal, world.effect, 11), limited(context, { receiptTimeoutSeconds: 0 }))).nonce,
    1,
  );
});

test("above the fee cap, on a wrong chain, and after an abort nothing is signed or written down", async () => {
  const { journal, context } = await keeper();
  const submission = submissionFor(journal, world.effect, 12);
  const capped = { ...context, fees: { maxFeePerGas: 1n, maxPriorityFeePerGas: 1n } };
  await assert.rejects(submitBatch(submission, capped), coded("FEE_CAP_EXCEEDED"));
  await assert.rejects(submitBatch(submission, { ...context, chainId: 1 }), coded("WRONG_CHAIN"));
  await assert.rejects(submitBatch(submission, { ...context, signal: AbortSignal.abort() }), /abort/i);
  assert.deepEqual(journal.recentIntents(9), []);
});

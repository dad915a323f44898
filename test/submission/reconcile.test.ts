import assert from "node:assert/strict";
import { test } from "node:test";
import { TonsorError } from "../../keeper/domain/errors.ts";
import { openJournal } from "../../keeper/journal/journal.ts";
import type { Broadcaster } from "../../keeper/submission/broadcaster.ts";
import { reconcile } from "../../keeper/submission/reconcile.ts";
import { sendTimes } from "../../keeper/submission/send.ts";
import { IDENTITY, NOW, samplePlan } from "../journal/sample.ts";
import { LIMITS } from "./submissionWorld.ts";

const IN_BLOCK = { blockHash: `0x${"bb".repeat(32)}`, feeWei: 1n } as const;

/** A node that has never heard of anything and takes what it is given; each test changes one answer. */
function world(change: Partial<Broadcaster> = {}) {
  const sent: string[] = [];
  const broadcaster: Broadcaster = {
    chainId: async () => 31337,
    latestBlock: async () => ({ time: NOW, number: 80n, baseFee: 1n }),
    nonce: async () => 3,
    tip: async () => null,
    publicationFee: async () => 0n,
    balance: async () => 10n ** 18n,
    receipt: async () => null,
    knows: async () => false,
    send: async (raw) => {
      sent.push(raw);
    },
    ...change,
  };
  const journal = openJournal(":memory:", IDENTITY);
  const plan = samplePlan(journal.recordTick({ now: NOW, blockNumber: null, markets: [] }));
  const intent = journal.planIntent(plan);
  const context = {
    journal,
    broadcaster,
    chainId: 31337,
    now: () => NOW + 9,
    sends: sendTimes(() => 0),
    limits: LIMITS,
  };
  return { journal, context, sent, plan, settle: () => reconcile(context), now: () => journal.intent(intent.id) };
}

test("with nothing open the node is not asked at all", async () => {
  const journal = openJournal(":memory:", IDENTITY);
  const broadcaster = new Proxy({} as Broadcaster, { get: () => assert.fail("asked") });
  const sends = sendTimes(() => 0);
  assert.deepEqual(
    await reconcile({ journal, broadcaster, chainId: 31337, now: () => NOW, sends, limits: LIMITS }),
    [],
  );
});

test("a planned transaction that nobody knows is sent, the identical bytes, and stays open", async () => {
  const w = world();
  assert.equal((await w.settle()).length, 1);
  assert.deepEqual(w.sent, [w.plan.rawTransaction]);
  assert.deepEqual([w.now().status, w.now().updatedAt], ["SENT", NOW + 9]);
});

test("one that waits in the pool is SENT, and not sent again for a minute", async () => {
  const w = world({ knows: async () => true });
  w.context.sends.note(w.plan.transactionHash, "again");
  await w.settle();
  assert.deepEqual([w.now().status, w.sent.length], ["SENT", 0]);
});

test("one that is mined between two questions is CONFIRMED, not taken for another's nonce", async () => {
  let looks = 0;
  const w = world({
    receipt: async () => (++looks === 1 ? null : { success: true, blockNumber: 77n, ...IN_BLOCK }),
    nonce: async () => 4,
  });
  assert.deepEqual(await w.settle(), []);
  assert.deepEqual([w.now().status, w.now().blockNumber, w.sent.length], ["CONFIRMED", 77n, 0]);
});

test("one whose nonce was used, with no receipt on the second reading, is SUPERSEDED and not sent", async () => {
  const w = world({ nonce: async () => 4 });
  await w.settle();
  assert.equal(w.now().status, "SUPERSEDED");
  assert.match(w.now().detail ?? "", /nonce 3 was used by a transaction that the journal does not know/);
  assert.equal(w.sent.length, 0);
});

test("the deadline's own second still counts, the next one does not", async () => {
  const at = (time: number) => world({ latestBlock: async () => ({ time, number: 80n, baseFee: 1n }) });
  const inTime = at(NOW + 300);
  await inTime.settle();
  assert.equal(inTime.now().status, "SENT");
  const late = at(NOW + 301);
  await late.settle();
  assert.deepEqual([late.now().status, late.sent.length], ["DROPPED", 0]);
});

test("on a wrong chain nothing is concluded and nothing is sent", async () => {
  const w = world({ chainId: async () => 1 });
  await assert.rejects(w.settle(), (error) => error instanceof TonsorError && error.code === "WRONG_CHAIN");
  assert.deepEqual([w.now().status, w.sent.length], ["PLANNED", 0]);
});

for (const question of ["receipt", "knows", "nonce", "latestBlock"] as const) {
  test(`when the node does not answer "${question}", nothing is concluded and nothing is sent`, async () => {
    const w = world({ [question]: async () => Promise.reject(new TonsorError("RPC_FAILED", "gone")) });
    await assert.rejects(w.settle(), /gone/);
    assert.deepEqual([w.now().status, w.sent.length], ["PLANNED", 0]);
  });
}

for (const [words, status] of [
  ["already known", "SENT"],
  ["insufficient funds for gas", "UNKNOWN"],
  ["replacement transaction underpriced", "UNKNOWN"],
  ["nonce too low", "UNKNOWN"],
  ["socket hang up", "UNKNOWN"],
] as const) {
  test(`a node that answers "${words}" to the send leaves the intent ${status}`, async () => {
    const w = world({ send: async () => Promise.reject(new Error(words)) });
    await w.settle();
    assert.equal(w.now().status, status);
  });
}

test("a node that refuses a transaction it already has does not make it DROPPED", async () => {
  let asked = 0;
  const w = world({
    send: async () => Promise.reject(new Error("transaction underpriced")),
    knows: async () => ++asked > 1,
  });
  await w.settle();
  assert.equal(w.now().status, "SENT");
});

test("a journal that cannot be written after the send is an error of its own, not one of the node's", async () => {
  const w = world();
  const full = { ...w.journal, markSent: () => assert.fail("disk full") };
  await assert.rejects(reconcile({ ...w.context, journal: full }), /disk full/);
  assert.deepEqual([w.now().status, w.sent.length], ["PLANNED", 1]);
});

test("a node that refuses and then falls silent leaves the intent UNKNOWN", async () => {
  let asked = 0;
  const w = world({
    send: async () => Promise.reject(new Error("transaction underpriced")),
    knows: async () => (++asked > 1 ? Promise.reject(new Error("gone")) : false),
  });
  await w.settle();
  assert.equal(w.now().status, "UNKNOWN");
});

/** Two transactions that compete for one nonce: the first, and what replaces it. */
function rivals(change: Partial<Broadcaster> = {}) {
  const w = world(change);
  const { tick } = w.plan;
  const second = w.journal.planIntent(samplePlan(tick, 2, { replaces: w.now().id, rawTransaction: "0x02f9" }));
  const both = () => [w.now().status, w.journal.intent(second.id).status];
  return { ...w, second, both };
}
const receiptOf =
  (n: number, success = true) =>
  async (hash: string) =>
    BigInt(hash) === BigInt(n) ? { success, blockNumber: 8n, ...IN_BLOCK } : null;

for (const [mined, expected] of [
  [1, ["CONFIRMED", "SUPERSEDED"]],
  [2, ["SUPERSEDED", "CONFIRMED"]],
] as const) {
  test(`of two rivals number ${mined} is in a block: it is CONFIRMED, the other SUPERSEDED by its hash`, async () => {
    const w = rivals({ receipt: receiptOf(mined) });
    assert.deepEqual(await w.settle(), []);
    assert.deepEqual(w.both(), expected);
    const loser = mined === 1 ? w.second.id : w.now().id;
    assert.match(w.journal.intent(loser).detail ?? "", new RegExp(`used by 0x0+${mined}$`));
  });
}

test("a rival that reverted used the nonce as well", async () => {
  const w = rivals({ receipt: receiptOf(2, false) });
  await w.settle();
  assert.deepEqual(w.both(), ["SUPERSEDED", "REVERTED"]);
});

test("only the newest rival is sent again, and the older one stays open: another pool may have it", async () => {
  const w = rivals();
  assert.equal((await w.settle()).length, 2);
  assert.deepEqual([w.both(), w.sent], [["PLANNED", "SENT"], ["0x02f9"]]);
});

test("when the node has only the older rival, the newer one is sent", async () => {
  const w = rivals({ knows: async (hash) => BigInt(hash) === 1n });
  await w.settle();
  assert.deepEqual([w.both(), w.sent], [["SENT", "SENT"], ["0x02f9"]]);
});

test("a node that calls the nonce used, has the transaction and no receipt is not believed", async () => {
  const w = rivals({ nonce: async () => 4, knows: async (hash) => BigInt(hash) === 2n });
  assert.equal((await w.settle()).length, 2);
  assert.deepEqual([w.both(), w.sent.length], [["PLANNED", "PLANNED"], 0]);
});

test("rivals whose nonce a stranger used are all SUPERSEDED", async () => {
  const w = rivals({ nonce: async () => 4 });
  assert.deepEqual(await w.settle(), []);
  assert.deepEqual(w.both(), ["SUPERSEDED", "SUPERSEDED"]);
});

test("while a kill switch is set nothing is sent again, and what is in a block is still written down", async () => {
  const w = world();
  await reconcile({ ...w.context, maySend: () => false });
  assert.deepEqual([w.now().status, w.sent.length], ["PLANNED", 0]);
  const mined = world({ receipt: receiptOf(1) });
  await reconcile({ ...mined.context, maySend: () => false });
  assert.equal(mined.now().status, "CONFIRMED");
});

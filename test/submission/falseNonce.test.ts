import assert from "node:assert/strict";
import { test } from "node:test";
import type { Broadcaster } from "../../keeper/submission/broadcaster.ts";
import { manageOpen, moveOpen } from "../../keeper/submission/manage.ts";
import { reconcile } from "../../keeper/submission/reconcile.ts";
import { sendTimes } from "../../keeper/submission/send.ts";
import { submitBatch } from "../../keeper/submission/submitBatch.ts";
import { FakeChain, unsigned } from "./fakeChain.ts";
import { contextFor, journalFor, LIMITS, submissionFor } from "./submissionWorld.ts";

const TO = "0x5FbDB2315678afecb367f032d93F642f64180aa3";
const DEADLINE = 1_300;
const MADE_UP = 1_000_000;
const unclear = (message: RegExp) => ({ code: "NONCE_UNCLEAR", message });

/** A key of three mined batches, and a node that may lie about its nonce. */
async function world(confirmations = 12) {
  const chain = new FakeChain();
  const journal = journalFor(TO);
  let lie: Broadcaster["nonce"] | null = null;
  const sent: string[] = [];
  const broadcaster: Broadcaster = {
    ...chain.broadcaster,
    nonce: async (account, at) => (lie ?? chain.broadcaster.nonce)(account, at),
    send: async (raw) => {
      sent.push(raw);
      // A pool keeps for later what is above the next nonce.
      await chain.broadcaster.send(raw).catch((error: Error) => {
        if (!error.message.startsWith("a gap")) throw error;
      });
    },
  };
  const context = {
    ...contextFor(journal, "http://127.0.0.1:1", `0x${"11".repeat(32)}`),
    account: unsigned,
    broadcaster,
    now: () => chain.time,
    sends: sendTimes(() => 0),
    fees: { maxFeePerGas: 500n, maxPriorityFeePerGas: 1n },
    limits: { ...LIMITS, receiptTimeoutSeconds: 0, confirmations },
  };
  let n = 0;
  const send = async (deadline = DEADLINE) => {
    n += 1;
    const submission = submissionFor(journal, TO, n, deadline, {
      initialBps: 2_000 + 100 * n,
      maintenanceTargetBps: 1_800,
    });
    return submitBatch(submission, context);
  };
  for (let mined = 0; mined < 3; mined++) {
    await send();
    chain.mine(0);
    await reconcile(context);
  }
  sent.length = 0;
  const lying = async <T>(nonce: Broadcaster["nonce"], work: () => Promise<T>) => {
    lie = nonce;
    return work().finally(() => (lie = null));
  };
  const manage = () => manageOpen([chain.current], context);
  return { chain, journal, context, sent, send, lying, manage };
}

test("a node that lies once about the nonce is not believed: nothing is signed, and the next batch lands", async () => {
  const w = await world();
  let told = 0;
  const once: Broadcaster["nonce"] = async () => (told++ < 2 ? MADE_UP : 3);
  await assert.rejects(
    w.lying(once, w.send),
    unclear(/given "1000000 now, 3 in block 0"; expected 3, the journal's own/),
  );
  assert.deepEqual([w.sent, w.journal.openIntents()], [[], []]);
  assert.equal(await w.manage(), null);
  assert.equal((await w.send()).nonce, 3);
});

test("another process of the key is believed when the node says so twice, a long way only when it lasts", async () => {
  const w = await world();
  w.chain.height = 100n;
  const jump = (by: number, since: bigint): Broadcaster["nonce"] => {
    return async (_, at) => (typeof at === "bigint" && at < since ? 3 : 3 + by);
  };
  assert.equal((await w.lying(jump(16, 100n), w.send)).nonce, 19);
  const other = await world();
  other.chain.height = 100n;
  await assert.rejects(other.lying(jump(17, 89n), other.send), unclear(/"20 now, 3 in block 88"/));
  assert.equal((await other.lying(jump(17, 88n), other.send)).nonce, 20);
});

test("a journal that is new takes the nonce of a key that is not, when the node says it twice", async () => {
  const w = await world();
  w.chain.height = 100n;
  const journal = journalFor(TO);
  const context = { ...w.context, journal };
  const send = () => submitBatch(submissionFor(journal, TO, 9, DEADLINE), context);
  let told = 0;
  await assert.rejects(
    w.lying(async () => (told++ < 2 ? 700 : 500), send),
    unclear(/"700 now, 500 in block 100"/),
  );
  assert.equal((await w.lying(async () => 500, send)).nonce, 500);
});

test("what was signed for a nonce that a node kept making up is filled up to by nothing, and given up at its deadline", async () => {
  const w = await world();
  const stranded = await w.lying(async () => MADE_UP, w.send);
  assert.equal(stranded.nonce, MADE_UP);
  for (let cycle = 0; cycle < 5; cycle++) {
    await assert.rejects(
      w.manage(),
      unclear(/signed for a nonce that the chain is not near to.*expected 3, the chain's next/),
    );
    await assert.rejects(w.send(), unclear(/not near to/));
    await reconcile(w.context);
  }
  assert.equal(new Set(w.sent).size, 1, "the same bytes at most: no filler, not one");
  w.chain.time = DEADLINE + 1;
  assert.deepEqual(await reconcile(w.context), []);
  const { status, detail } = w.journal.intent(stranded.id);
  assert.deepEqual(
    [status, detail],
    ["DROPPED", "given up: it was signed for nonce 1000000, which the chain is not near to"],
  );
  assert.equal((await w.send(DEADLINE + 300)).nonce, 3);
});

test("tx cancel gives it up at once, sends nothing for it, and the next batch has the chain's nonce", async () => {
  const w = await world();
  const stranded = await w.lying(async () => MADE_UP, w.send);
  const moved = await moveOpen("cancel", w.context, () => undefined);
  assert.deepEqual([moved.hash, moved.status, moved.rivals], [stranded.transactionHash, "DROPPED", []]);
  assert.equal(w.sent.length, 1);
  assert.equal((await w.send()).nonce, 3);
});

test("a node that lags behind the journal gets no filler either", async () => {
  const w = await world();
  await w.send();
  const lagging: Broadcaster["nonce"] = async () => 1;
  await assert.rejects(w.lying(lagging, w.manage), unclear(/lags behind what the journal has seen/));
  await assert.rejects(w.lying(lagging, w.send), unclear(/lags behind/));
  assert.equal(w.sent.length, 1);
});

test("of two nonces that a reorganisation left open one is filled, and the other only when that one is mined", async () => {
  const w = await world();
  const dropped = [];
  for (let n = 0; n < 2; n++) {
    dropped.push(await w.send(1_100));
    w.chain.mine(0);
    await reconcile(w.context);
  }
  const waiting = await w.send(9_000);
  w.chain.mined.splice(3);
  w.chain.everTaken.splice(3);
  w.chain.time = 1_200;
  for (let cycle = 0; cycle < 3; cycle++) await reconcile(w.context);
  assert.deepEqual(
    dropped.map(({ id }) => w.journal.intent(id).status),
    ["DROPPED", "DROPPED"],
  );
  const openNonces = () => [...new Set(w.journal.openIntents().map(({ nonce }) => nonce))].toSorted();
  for (const gap of [3, 4]) {
    await w.manage();
    const [filler] = w.journal.openIntents().filter(({ nonce }) => nonce === gap);
    assert.equal(filler?.kind, "CANCEL");
    for (let cycle = 0; cycle < 5; cycle++) {
      assert.equal(await w.manage(), null, "it waits for the one that it sent");
      await reconcile(w.context);
    }
    assert.deepEqual(openNonces(), [gap, waiting.nonce]);
    assert.equal(w.journal.openIntents().length, 2, "one filler at most");
    w.chain.mine(0);
    await reconcile(w.context);
    assert.equal(w.journal.intent(filler.id).status, "CONFIRMED");
  }
  assert.deepEqual(openNonces(), [waiting.nonce]);
});

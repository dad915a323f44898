import assert from "node:assert/strict";
import { test } from "node:test";
import { manageOpen } from "../../keeper/submission/manage.ts";
import { sendTimes } from "../../keeper/submission/send.ts";
import { submitBatch } from "../../keeper/submission/submitBatch.ts";
import { FakeChain, unsigned } from "./fakeChain.ts";
import { contextFor, journalFor, LIMITS, submissionFor } from "./submissionWorld.ts";

const TO = "0x5FbDB2315678afecb367f032d93F642f64180aa3";

test("a refused replacement that is signed to the same bytes has its row again, rests, and is taken in the end", async () => {
  const chain = new FakeChain();
  const journal = journalFor(TO);
  const clock = { ms: 0 };
  let picky = false;
  const sent: string[] = [];
  const context = {
    ...contextFor(journal, "http://127.0.0.1:1", `0x${"11".repeat(32)}`),
    account: unsigned,
    broadcaster: {
      ...chain.broadcaster,
      send: async (raw: `0x${string}`) => {
        sent.push(raw);
        if (picky) throw new Error("replacement transaction underpriced");
        await chain.broadcaster.send(raw);
      },
    },
    sends: sendTimes(() => clock.ms),
    fees: { maxFeePerGas: 500n, maxPriorityFeePerGas: 1n },
    limits: { ...LIMITS, receiptTimeoutSeconds: 0 },
  };
  await submitBatch(submissionFor(journal, TO, 1, 1e6), context);
  picky = true;
  const manage = () => manageOpen([chain.current], context);
  clock.ms = 30_000;
  await manage();
  const rows = () => journal.recentIntents(99).map(({ id, status }) => `${id} ${status}`);
  const refused = ["5 DROPPED", "4 DROPPED", "3 DROPPED", "2 DROPPED", "1 SENT"];
  assert.deepEqual([rows(), sent.length], [refused, 5]);
  for (clock.ms = 40_000; clock.ms < 90_000; clock.ms += 10_000) {
    await assert.rejects(manage(), {
      code: "TRANSACTION_UNKNOWN",
      message: /handed over a moment ago: UNDERPRICED.*another try in \d+ s/,
    });
  }
  assert.equal(sent.length, 5, "it rests");
  await manage();
  assert.deepEqual([rows(), sent.length], [refused, 9], "no row is written twice");
  picky = false;
  clock.ms = 150_000;
  await manage();
  assert.deepEqual(rows(), ["5 DROPPED", "4 DROPPED", "3 DROPPED", "2 SENT", "1 SENT"]);
  chain.mine(1);
  journal.integrity();
});

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { openJournal } from "../../keeper/journal/journal.ts";
import { restoreJournal } from "../../keeper/journal/restore.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";
import { IDENTITY, NOW, sampleAssessment, samplePlan } from "./sample.ts";

/** A journal with history, and another restored from what the first would have put into chain and evidence. */
function pair(change: { loosened?: boolean; breaker?: boolean } = {}, assessment = sampleAssessment()) {
  const [one, two] = [join(temporaryFolder(), "a.sqlite"), join(temporaryFolder(), "b.sqlite")];
  const original = openJournal(one, IDENTITY);
  for (let hour = 40; hour >= 1; hour--) {
    original.recordTick({
      now: NOW - hour * 3_600,
      blockNumber: 1n,
      markets: [{ marketId: 1, market: "WETH", assessment }],
    });
  }
  const intent = original.planIntent(samplePlan(original.recordTick({ now: NOW, blockNumber: 1n, markets: [] })));
  original.resolveIntent(intent.id, { status: "CONFIRMED", at: NOW, blockNumber: 9n });
  const history = original.history(1, NOW - 1);
  const transaction = { ...intent, blockNumber: 9n };
  restoreJournal(
    two,
    IDENTITY,
    [transaction],
    [{ marketId: 1, at: NOW, history, loosened: false, breaker: false, ...change }],
  );
  return { original, restored: openJournal(two, IDENTITY), history };
}

test("a restored journal remembers what the lost one did when it decided last", () => {
  const { original, restored } = pair();
  assert.deepEqual(restored.history(1, NOW), original.history(1, NOW));
  restored.integrity();
});

test("a breaker without a loosening, a loosening without a breaker, and depth after a fall come back as they were", () => {
  const shocked = { shockedUsd: 2e6, shockedNowUsd: 1.5e6 };
  for (const decision of [{ breaker: true }, { reasons: ["LOOSEN"] }] as const) {
    const { original, restored, history } = pair({}, sampleAssessment({ decision, shocked }));
    assert.notEqual(history.lastBreaker === null, history.lastLoosening === null);
    assert.deepEqual(history.shockedDepth, [[NOW - 3_600, 1.5e6]]);
    assert.deepEqual(restored.history(1, NOW - 1), original.history(1, NOW - 1));
  }
});

test("its transactions are confirmed, with nonce, fees and values, and nothing is on its way", () => {
  const { original, restored } = pair();
  const known = { id: 0, tick: 0, rawTransaction: "", detail: "", updatedAt: 0, final: false };
  const [was, is] = [original, restored].map((store) => ({ ...store.recentIntents(1)[0], ...known }));
  assert.deepEqual(is, was);
  assert.deepEqual(restored.openIntents(), []);
});

test("a last decision that loosened, or tripped the breaker, counts: loosening rests as before", () => {
  const { restored } = pair({ loosened: true, breaker: true });
  const { lastLoosening, lastBreaker } = restored.history(1, NOW);
  assert.deepEqual([lastLoosening, lastBreaker], [NOW, NOW]);
});

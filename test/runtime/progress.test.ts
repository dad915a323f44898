import assert from "node:assert/strict";
import { test } from "node:test";
import { createProgress } from "../../keeper/runtime/progress.ts";

const LIMITS = { tickLimitMs: 5_000, headLimitMs: 180_000 };

test("from its start it is live for the limit, and not a millisecond longer without a tick", () => {
  const progress = createProgress(LIMITS, 1_000);
  assert.equal(progress.live(6_000).ok, true);
  assert.deepEqual(progress.live(6_001), { ok: false, reason: "no tick has finished for 5 s, limit 5 s" });
  assert.deepEqual([progress.overMs(6_000), progress.overMs(7_500)], [0, 1_500]);
});

test("a tick that finished is progress, whatever it decided", () => {
  const progress = createProgress(LIMITS, 0);
  progress.done(4_000, 10n);
  assert.equal(progress.live(9_000).ok, true);
  assert.equal(progress.live(9_001).ok, false);
});

test("ticks on one and the same block are progress only for the head's limit", () => {
  const progress = createProgress(LIMITS, 0);
  for (let at = 1_000; at <= 200_000; at += 1_000) progress.done(at, 10n);
  const { ok, reason } = progress.live(200_000);
  assert.equal(ok, false);
  assert.equal(reason, "the chain has been at block 10 for 199 s, limit 180 s");
  assert.equal(progress.overMs(200_000), 19_000);
  progress.done(201_000, 11n);
  assert.equal(progress.live(201_000).ok, true);
});

test("a head counts as new from when it was looked at, however long the tick then took", () => {
  const progress = createProgress({ tickLimitMs: 60_000, headLimitMs: 15_000 }, 0);
  progress.done(9_000, 10n, 3_000);
  assert.equal(progress.live(18_000).ok, true);
  assert.match(progress.live(18_001).reason, /^the chain has been at block 10 for 15 s, limit 15 s$/);
});

test("a block before the highest one is no progress: a node that jumps back and forth is blind too", () => {
  const progress = createProgress(LIMITS, 0);
  progress.done(1_000, 10n);
  for (let at = 2_000; at <= 182_000; at += 1_000) progress.done(at, at % 2_000 === 0 ? 9n : 10n);
  assert.equal(progress.live(182_000).ok, false);
});

test("where the chain may stand still, ticks alone count", () => {
  const progress = createProgress({ ...LIMITS, headLimitMs: null }, 0);
  for (let at = 1_000; at <= 900_000; at += 1_000) progress.done(at, 10n);
  assert.equal(progress.live(900_000).ok, true);
});

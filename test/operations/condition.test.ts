import assert from "node:assert/strict";
import { test } from "node:test";
import { journalSays } from "../../keeper/operations/condition.ts";

const LAST = { id: 812, now: 1_000, outcome: "CONFIRMED" };
const at = (now: number, last: Parameters<typeof journalSays>[0] = LAST) => journalSays(last, { now, tickSeconds: 60 });

test("a keeper that never looked does not live, and says so", () => {
  const live = { ok: false, reason: "no cycle was run yet" };
  assert.deepEqual(journalSays(undefined, { now: 0, tickSeconds: 60 }), {
    cycles: 0,
    lastCycle: null,
    lastError: null,
    live,
  });
});

test("a keeper lives until two ticks have passed without a cycle", () => {
  assert.deepEqual([at(1_000).live.ok, at(1_120).live.ok, at(1_121).live.ok], [true, true, false]);
});

test("cycles, the time of the last and how it ended are the journal's", () => {
  const live = { ok: true, reason: "the last cycle, 60 s ago, ended: CONFIRMED" };
  assert.deepEqual(at(1_060), { cycles: 812, lastCycle: 1_000, lastError: null, live });
});

test("a cycle cut short by a kill has not ended, and one that failed is why", () => {
  assert.match(at(9_000, { ...LAST, outcome: null }).live.reason, /^the last cycle, .* ago, has not ended$/);
  const failed = at(1_010, { ...LAST, outcome: "failed", detail: "RPC_FAILED: gone" });
  assert.deepEqual([failed.live.ok, failed.lastError], [true, "RPC_FAILED: gone"]);
});

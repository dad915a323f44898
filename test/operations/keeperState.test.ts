import assert from "node:assert/strict";
import { test } from "node:test";
import { keeperState } from "../../keeper/operations/keeperState.ts";

const LAST = { id: 812, now: 1_000, outcome: "CONFIRMED" };
const at = (now: number, paused: string | null = null) => keeperState(LAST, { now, tickSeconds: 60, paused });

test("a keeper that never looked is stopped and says so", () => {
  assert.deepEqual(keeperState(undefined, { now: 0, tickSeconds: 60, paused: null }), {
    state: "stopped",
    message: "No cycle was run yet.",
    cycles: 0,
    lastCycle: null,
  });
});

test("a keeper counts as running until two ticks have passed without a cycle", () => {
  assert.deepEqual([at(1_000).state, at(1_120).state, at(1_121).state], ["running", "running", "stopped"]);
});

test("cycles, the time of the last and how it ended are the journal's", () => {
  assert.deepEqual(at(1_060), {
    state: "running",
    message: "The last cycle ended: CONFIRMED.",
    cycles: 812,
    lastCycle: 1_000,
  });
});

test("a cycle cut short by a kill has not ended", () => {
  const cut = keeperState({ ...LAST, outcome: null }, { now: 9_000, tickSeconds: 60, paused: null });
  assert.equal(cut.message, "The last cycle has not ended.");
});

test("a kill switch is said before anything else, with its reason", () => {
  assert.equal(at(1_000, "file PAUSED: node maintenance").state, "paused");
  assert.equal(at(9_000, "file PAUSED: node maintenance").message, "Nothing is sent: file PAUSED: node maintenance.");
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { openJournal } from "../../keeper/journal/journal.ts";
import { IDENTITY, NOW } from "./sample.ts";

const PAUSED = { name: "sentinel", reason: "file PAUSED: node upgrade" } as const;

test("a switch is written when it is set, when its reason changes and when it is cleared, and not in between", () => {
  const store = openJournal(":memory:", IDENTITY);
  assert.deepEqual(store.noteSwitches(NOW, []), []);
  assert.deepEqual(store.noteSwitches(NOW + 1, [PAUSED]), [{ at: NOW + 1, ...PAUSED }]);
  assert.deepEqual(store.noteSwitches(NOW + 2, [PAUSED]), []);
  const longer = { ...PAUSED, reason: "file PAUSED: still" };
  store.noteSwitches(NOW + 3, [longer]);
  store.noteSwitches(NOW + 4, [{ name: "submissionHalt", reason: "submission halt: spend" }]);
  assert.deepEqual(store.noteSwitches(NOW + 5, []), [{ at: NOW + 5, name: "submissionHalt", reason: null }]);
  assert.deepEqual(
    store.recentSwitches(10).map(({ at, name, reason }) => [at - NOW, name, reason]),
    [
      [5, "submissionHalt", null],
      [4, "submissionHalt", "submission halt: spend"],
      [4, "sentinel", null],
      [3, "sentinel", longer.reason],
      [1, "sentinel", PAUSED.reason],
    ],
  );
});

test("each of several switches is compared with what it was itself", () => {
  const store = openJournal(":memory:", IDENTITY);
  const halt = { name: "submissionHalt", reason: "submission halt: spend" } as const;
  store.noteSwitches(NOW, [PAUSED]);
  assert.deepEqual(store.noteSwitches(NOW + 1, [PAUSED, halt]), [{ at: NOW + 1, ...halt }]);
  assert.deepEqual(store.noteSwitches(NOW + 2, [halt, PAUSED]), []);
  assert.deepEqual(store.noteSwitches(NOW + 3, [halt]), [{ at: NOW + 3, name: "sentinel", reason: null }]);
});

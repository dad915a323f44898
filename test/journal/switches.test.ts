import assert from "node:assert/strict";
import { test } from "node:test";
import { openJournal } from "../../keeper/journal/journal.ts";
import { IDENTITY, NOW } from "./sample.ts";

const PAUSED = { name: "sentinel", reason: "file PAUSED: node upgrade" } as const;

test("a switch is written when it is set, when its reason changes and when it is taken back, and not in between", () => {
  const store = openJournal(":memory:", IDENTITY);
  assert.deepEqual(store.noteSwitches(NOW, []), []);
  assert.deepEqual(store.noteSwitches(NOW + 1, [PAUSED]), [{ at: NOW + 1, ...PAUSED }]);
  assert.deepEqual(store.noteSwitches(NOW + 2, [PAUSED]), []);
  const longer = { ...PAUSED, reason: "file PAUSED: still" };
  store.noteSwitches(NOW + 3, [longer]);
  store.noteSwitches(NOW + 4, [{ name: "breaker", reason: "automatic breaker: spend" }]);
  assert.deepEqual(store.noteSwitches(NOW + 5, []), [{ at: NOW + 5, name: "breaker", reason: null }]);
  assert.deepEqual(
    store.recentSwitches(10).map(({ at, name, reason }) => [at - NOW, name, reason]),
    [
      [5, "breaker", null],
      [4, "breaker", "automatic breaker: spend"],
      [4, "sentinel", null],
      [3, "sentinel", longer.reason],
      [1, "sentinel", PAUSED.reason],
    ],
  );
});

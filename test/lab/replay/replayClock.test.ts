import assert from "node:assert/strict";
import { test } from "node:test";
import { replayClock } from "../../../scripts/lab/replay/replayClock.ts";

test("the clock runs at its speed from the moment it is made and stops at the end", () => {
  let wall = 500;
  const clock = replayClock(0, 10_000, 3600, () => wall);
  assert.equal(clock.now(), 0);
  wall += 1;
  assert.equal(clock.now(), 3600);
  assert.equal(clock.ended(), false);
  assert.equal(clock.wallUntil(7200), 1);
  assert.equal(clock.wallUntil(100), 0);
  wall += 1000;
  assert.equal(clock.now(), 10_000);
  assert.equal(clock.ended(), true);
});

test("a wall clock that jumps back never takes the replay before its start", () => {
  let wall = 500;
  const clock = replayClock(1000, 2000, 1, () => wall);
  wall = 0;
  assert.equal(clock.now(), 1000);
});

test("a replay without length or speed is refused by name", () => {
  assert.throws(() => replayClock(5, 5, 1, () => 0), { code: "OUT_OF_RANGE", message: /field to; given 5/ });
  for (const speed of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => replayClock(0, 1, speed, () => 0), { code: "OUT_OF_RANGE", message: /field speed/ });
  }
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { timeOf } from "../../../keeper/domain/calendar.ts";
import type { UptimeRound } from "../../../keeper/domain/contract.ts";
import { follow, upSpans } from "../../../scripts/lab/contractModel/follower.ts";

/** Rounds that the contract looks back on. */
const ROUNDS = 16;
const GRACE = 600;
const round = (up: boolean, minute: number, seconds = 0): UptimeRound => ({ up, startedAt: timeOf(minute) + seconds });
const spans = (now: number, ...rounds: readonly UptimeRound[]) => upSpans({ graceSeconds: GRACE, rounds }, timeOf(now));

test("what counts starts a grace after the sequencer has come up and ends when it goes down", () => {
  assert.deepEqual(spans(30, round(true, 0)), [{ from: 10, to: 30 }]);
  assert.deepEqual(spans(100, round(true, 0), round(false, 40), round(true, 60)), [
    { from: 10, to: 40 },
    { from: 70, to: 100 },
  ]);
});

test("only whole minutes count", () => {
  assert.deepEqual(spans(100, round(true, 0, 1), round(false, 40, 59)), [{ from: 11, to: 40 }]);
});

test("up again for less than the grace counts nothing", () => {
  assert.deepEqual(spans(100, round(false, 0), round(true, 10), round(false, 20)), []);
});

test("a round counts from its start on, and never before", () => {
  assert.deepEqual(spans(30, round(true, 0), round(false, 31)), [{ from: 10, to: 30 }]);
});

test("what lies before the last sixteen rounds does not count", () => {
  const flips = Array.from({ length: ROUNDS - 1 }, (_, index) => round(index % 2 === 1, 100 + index));
  assert.deepEqual(spans(200, round(true, 0), ...flips)[0], { from: 10, to: 100 });
  assert.deepEqual(spans(200, round(true, 0), ...flips, round(true, 150))[0], { from: 160, to: 200 });
});

test("a value moves by the ticks of the minutes that count, wherever it is settled in between", () => {
  const speeds = { tightenSpeedBpsPerDay: 1_440, loosenSpeedBpsPerDay: 720 };
  const up = [
    { from: 10, to: 40 },
    { from: 70, to: 100 },
  ];
  assert.equal(follow(1_000, 2_000, 0, 100, speeds, up), 1_060);
  assert.equal(follow(1_000, 900, 0, 100, speeds, up), 970);
  for (let middle = 0; middle <= 100; middle++) {
    const halfway = follow(1_000, 2_000, 0, middle, speeds, up);
    assert.equal(follow(halfway, 2_000, middle, 100, speeds, up), 1_060, `settled at minute ${middle}`);
  }
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { hourOf, minuteOf, timeOf, windowOf } from "../../../keeper/domain/calendar.ts";
import { follow } from "../../../scripts/lab/contractModel/follower.ts";
import { ticksTo } from "./ticks.ts";

const SPEEDS = { tightenSpeedBpsPerDay: 150, loosenSpeedBpsPerDay: 50 };

test("the calendar starts at 2015-01-01T00:00:00Z and counts whole minutes", () => {
  assert.equal(timeOf(0), Date.UTC(2015, 0, 1) / 1000);
  assert.equal(minuteOf(1_420_070_519), 1);
  assert.equal(timeOf(1), 1_420_070_460);
  assert.equal(minuteOf(1_770_000_000), 5_832_160);
  assert.equal(hourOf(119), 1);
});

test("a budget window is a third of a day from midnight UTC", () => {
  assert.equal(windowOf(959), 1);
  assert.equal(windowOf(960), 2);
  const midnight = minuteOf(Date.UTC(2026, 10, 21) / 1000);
  assert.deepEqual(
    [-1, 0, 479, 480].map((by) => windowOf(midnight + by) - windowOf(midnight)),
    [-1, 0, 0, 1],
  );
});

test("150 bp a day tick every 9.6 minutes", () => {
  assert.equal(ticksTo(150, 9), 0);
  assert.equal(ticksTo(150, 10), 1);
  assert.equal(ticksTo(150, 14), 1);
  assert.equal(ticksTo(150, 20), 2);
});

test("maintenance of 1800 on its way to 1850 stands at 1825 after four hours", () => {
  assert.equal(follow(1_800, 1_850, 0, 240, SPEEDS), 1_825);
  assert.equal(follow(1_800, 1_850, 0, 480, SPEEDS), 1_850);
  assert.equal(follow(1_800, 1_850, 0, 10_000, SPEEDS), 1_850);
});

test("downwards it goes at the other speed", () => {
  assert.equal(follow(1_850, 1_800, 0, 240, SPEEDS), 1_842);
  assert.equal(follow(1_850, 1_800, 0, 1_440, SPEEDS), 1_800);
});

test("time that does not pass moves nothing", () => {
  assert.equal(follow(1_800, 1_850, 240, 240, SPEEDS), 1_800);
  assert.equal(follow(1_800, 1_850, 240, 100, SPEEDS), 1_800);
  assert.equal(follow(1_800, 1_850, Number.POSITIVE_INFINITY, 100, SPEEDS), 1_800);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { timeOf } from "../../../keeper/domain/calendar.ts";
import { readHaircuts } from "../../../scripts/lab/contractModel/effective.ts";
import { setClass } from "../../../scripts/lab/contractModel/govern.ts";
import { overrideMarkets } from "../../../scripts/lab/contractModel/overrideMarkets.ts";
import { type ContractState, locate } from "../../../scripts/lab/contractModel/state.ts";
import { START } from "./genesis.ts";
import { as, calm, DAY, done, entry, HOUR, mode, update } from "./world.ts";

const read = (state: ContractState, now: number, marketId = 1) => {
  const { initialBps, maintenanceBps, mode } = readHaircuts(state, marketId, now);
  return [initialBps, maintenanceBps, mode];
};

test("an id never listed lends nothing and liquidates nobody", () => {
  const unknown = { known: false, initialBps: 10_000, maintenanceBps: 0, asOf: 0, mode: "NO_NEW_RISK" };
  for (const id of [0, 15, 65_535]) assert.deepEqual(readHaircuts(calm(), id, START), unknown);
});

test("initial stays until the ttl, then rises in a line to the cap, rounded up", () => {
  const state = calm();
  // The ttl is 6 h and the decay 24 h.
  assert.deepEqual(read(state, START + 6 * HOUR), [2_200, 1_800, "NORMAL"]);
  assert.deepEqual(read(state, START + 6 * HOUR + 60), [2_206, 1_800, "NORMAL"]);
  assert.deepEqual(read(state, START + 18 * HOUR), [6_100, 1_800, "NORMAL"]);
  assert.deepEqual(read(state, START + 30 * HOUR), [10_000, 1_800, "NORMAL"]);
  assert.deepEqual(read(state, START + 30 * DAY), [10_000, 1_800, "NORMAL"]);
});

test("a dead keeper's maintenance stops at the ttl: thirty days of silence liquidate nobody", () => {
  const state = done(update(calm(), START + HOUR, [entry(0, START + HOUR, [[5_000, 4_000]])]));
  const stopped = read(state, START + 7 * HOUR)[1];
  assert.equal(stopped, 1_838);
  assert.equal(read(state, START + 30 * DAY)[1], 1_838);
});

test("asOf never reads as later than the block, even while governance holds the values", () => {
  const value = { marketId: 1, initialBps: 2_500, maintenanceTargetBps: 1_800, until: START + DAY };
  const state = done(overrideMarkets(calm(), [value], as("governance", START)));
  assert.equal(readHaircuts(state, 1, START + HOUR).asOf, START + HOUR);
  assert.equal(readHaircuts(state, 1, START + 2 * DAY).asOf, START + DAY);
});

test("a market without new risk reads 100 % and its maintenance goes on", () => {
  const moving = done(update(calm(), START + HOUR, [entry(0, START + HOUR, [[5_000, 4_000]])]));
  const state = done(mode(moving, START + 2 * HOUR, "governance", "NO_NEW_RISK"));
  assert.deepEqual(read(state, START + 5 * HOUR), [10_000, 1_825, "NO_NEW_RISK"]);
});

test("a frozen market stands still, and goes on from the hour at which the guardian's freeze lapses", () => {
  const moving = done(update(calm(), START + HOUR, [entry(0, START + HOUR, [[5_000, 4_000]])]));
  const state = done(mode(moving, START + HOUR, "guardian", "FROZEN"));
  assert.deepEqual(read(state, START + 5 * HOUR), [10_000, 1_800, "FROZEN"]);
  const lapse = START + 73 * HOUR - ((START + HOUR) % HOUR);
  assert.equal(read(state, lapse - 1)[2], "FROZEN");
  // The data has gone stale meanwhile, so maintenance does not move and initial is at its cap.
  assert.deepEqual(read(state, lapse), [10_000, 1_800, "NORMAL"]);
});

test("data past 4095 minutes reads as that old when its group is settled", () => {
  const later = START + 10 * DAY;
  const state = done(setClass(calm(), 0, 1, as("governance", later)));
  assert.equal(readHaircuts(state, 2, later).asOf, timeOf(Math.floor((later - 1_420_070_400) / 60) - 4_095));
  const found = locate(state, 2);
  assert.equal(found?.market.ownAsOfMinute, null);
});

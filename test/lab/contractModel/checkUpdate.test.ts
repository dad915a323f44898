import assert from "node:assert/strict";
import { test } from "node:test";
import type { SkipReason } from "../../../keeper/domain/contract.ts";
import { checkUpdate } from "../../../scripts/lab/contractModel/checkUpdate.ts";
import { setAggregateBudget, setLimits, setProbe } from "../../../scripts/lab/contractModel/govern.ts";
import { overrideMarkets } from "../../../scripts/lab/contractModel/overrideMarkets.ts";
import type { ContractState } from "../../../scripts/lab/contractModel/state.ts";
import { PROBES } from "./calls.ts";
import { LIMITS, START } from "./genesis.ts";
import { as, calm, done, entry, HOUR, MINUTE, update } from "./world.ts";

const NOW = START + HOUR;

/** What a first update of market 1 (22 % / 18 % at START) meets an hour later. */
function met(
  change: { initialBps?: number; maintenanceTargetBps?: number; asOf?: number; marketId?: number },
  state: ContractState = calm(),
  quorum = false,
  mayLoosen = true,
): readonly [SkipReason, number, number] {
  const next = { marketId: 1, initialBps: 2_200, maintenanceTargetBps: 1_800, asOf: NOW, ...change };
  const { reason, given, allowed } = checkUpdate(state, next, { now: NOW, quorum, mayLoosen: () => mayLoosen });
  return [reason, given, allowed];
}

test("values that move nothing are taken", () => {
  assert.deepEqual(met({}), ["NONE", 0, 0]);
});

test("an id never listed is unknown, with the highest id", () => {
  assert.deepEqual(met({ marketId: 15 }), ["UNKNOWN_MARKET", 15, 17]);
  assert.deepEqual(met({ marketId: 77 }), ["UNKNOWN_MARKET", 77, 17]);
});

test("held values are left alone until the minute governance named", () => {
  const value = { marketId: 1, initialBps: 2_500, maintenanceTargetBps: 1_800, until: NOW + 90 };
  const state = done(overrideMarkets(calm(), [value], as("governance", START + MINUTE)));
  assert.deepEqual(met({ initialBps: 9_000, asOf: 0 }, state), ["OVERRIDDEN", 0, NOW + 60]);
});

test("data from after the block is refused by one second", () => {
  assert.deepEqual(met({ asOf: NOW + 1 }), ["ASOF_IN_FUTURE", NOW + 1, NOW]);
});

test("data older than the class takes is refused by one second", () => {
  const late = NOW - LIMITS.maxAgeSeconds - 1;
  assert.deepEqual(met({ asOf: late }), ["ASOF_TOO_OLD", late, late + 1]);
});

test("of the same minute only tightening is taken, of an earlier one nothing", () => {
  const state = done(update(calm(), NOW - 30, [entry(0, NOW - 30, [[2_200, 1_800]])]));
  const asOf = NOW - 30;
  assert.deepEqual(met({ asOf, initialBps: 2_199 }, state), ["ASOF_NOT_INCREASING", asOf, NOW]);
  assert.deepEqual(met({ asOf, maintenanceTargetBps: 1_799 }, state), ["ASOF_NOT_INCREASING", asOf, NOW]);
  assert.deepEqual(met({ asOf, initialBps: 2_300, maintenanceTargetBps: 1_900 }, state), ["NONE", 0, 0]);
  const earlier = NOW - 61;
  assert.deepEqual(met({ asOf: earlier, initialBps: 2_300 }, state), ["ASOF_NOT_INCREASING", earlier, NOW]);
});

test("lower bounds are strict and upper ones yield to what is stored", () => {
  assert.deepEqual(met({ initialBps: 999 }), ["INITIAL_OUT_OF_BOUNDS", 999, 1_000]);
  assert.deepEqual(met({ initialBps: 9_001 }), ["INITIAL_OUT_OF_BOUNDS", 9_001, 9_000]);
  assert.deepEqual(met({ maintenanceTargetBps: 699 }), ["MAINTENANCE_OUT_OF_BOUNDS", 699, 700]);
  assert.deepEqual(met({ maintenanceTargetBps: 8_001 }), ["MAINTENANCE_OUT_OF_BOUNDS", 8_001, 8_000]);
  const lowered = { ...LIMITS, maxInitialBps: 2_100, maxMaintenanceBps: 1_750 };
  const state = done(setLimits(calm(), 0, lowered, as("governance", START)));
  assert.deepEqual(met({}, state), ["NONE", 0, 0]);
  assert.deepEqual(met({ initialBps: 2_201 }, state), ["INITIAL_OUT_OF_BOUNDS", 2_201, 2_200]);
  assert.deepEqual(met({ maintenanceTargetBps: 1_801 }, state), ["MAINTENANCE_OUT_OF_BOUNDS", 1_801, 1_800]);
});

test("the gap counts from the higher of target and effective maintenance", () => {
  assert.deepEqual(met({ maintenanceTargetBps: 2_001 }), ["GAP_TOO_SMALL", 2_200, 2_201]);
  assert.deepEqual(met({ initialBps: 1_999, maintenanceTargetBps: 1_700 }), ["GAP_TOO_SMALL", 1_999, 2_000]);
});

test("a step is 80 for the hot key and 200 for the quorum, on initial first", () => {
  const state = done(update(calm(), START + MINUTE, [entry(0, START + MINUTE, [[3_000, 1_800]])]));
  assert.deepEqual(met({ initialBps: 2_919, maintenanceTargetBps: 1_000 }, state), ["STEP_TOO_LARGE", 2_919, 2_920]);
  assert.deepEqual(met({ initialBps: 2_799 }, state, true), ["STEP_TOO_LARGE", 2_799, 2_800]);
  assert.deepEqual(met({ maintenanceTargetBps: 1_719 }), ["STEP_TOO_LARGE", 1_719, 1_720]);
  assert.deepEqual(met({ maintenanceTargetBps: 1_720 }), ["NONE", 0, 0]);
});

test("taking back a tightening that has moved nothing yet is not a loosening of the target", () => {
  const state = done(update(calm(), NOW - MINUTE, [entry(0, NOW - MINUTE, [[5_000, 4_000]])]));
  assert.deepEqual(met({ initialBps: 5_000, maintenanceTargetBps: 1_800 }, state), ["NONE", 0, 0]);
});

test("after the breaker has tripped, initial and then target may only rise", () => {
  const state = { ...calm(), door: { ...calm().door, tightenOnly: true } };
  assert.deepEqual(met({ initialBps: 2_199 }, state), ["TIGHTEN_ONLY", 2_199, 2_200]);
  assert.deepEqual(met({ maintenanceTargetBps: 1_799 }, state), ["TIGHTEN_ONLY", 1_799, 1_800]);
  assert.deepEqual(met({ initialBps: 2_900, maintenanceTargetBps: 2_600 }, state), ["NONE", 0, 0]);
});

test("a window's budget is a quarter of the day's: 50 for the hot key, 100 for the quorum", () => {
  assert.deepEqual(met({ initialBps: 2_150 }), ["NONE", 0, 0]);
  assert.deepEqual(met({ initialBps: 2_149 }), ["LOOSENING_BUDGET_SPENT", 2_149, 2_150]);
  assert.deepEqual(met({ initialBps: 2_099 }, calm(), true), ["LOOSENING_BUDGET_SPENT", 2_099, 2_100]);
});

test("what one market of the group has spent, the others cannot spend either", () => {
  const state = done(update(calm(), NOW - MINUTE, [entry(0, NOW - MINUTE, [null, [2_270, 1_890]])]));
  assert.deepEqual(met({ initialBps: 2_179 }, state), ["LOOSENING_BUDGET_SPENT", 2_179, 2_180]);
});

test("the aggregate budget has its own reason", () => {
  const state = done(setAggregateBudget(calm(), 9, 10, as("governance", START)));
  assert.deepEqual(met({ initialBps: 2_190 }, state), ["AGGREGATE_BUDGET_SPENT", 2_190, 2_191]);
  assert.deepEqual(met({ initialBps: 2_190 }, state, true), ["NONE", 0, 0]);
});

test("a probe is asked where the class has probes, and only about loosening", () => {
  const probed = done(setLimits(calm(), 0, { ...LIMITS, probed: true }, as("governance", START)));
  const state = done(setProbe(probed, 1, PROBES.even, as("governance", START)));
  assert.deepEqual(met({ initialBps: 2_190 }, state, false, false), ["PROBE_REFUSED", 2_190, 2_200]);
  assert.deepEqual(met({ initialBps: 2_190 }, state, false, true), ["NONE", 0, 0]);
  assert.deepEqual(met({ initialBps: 2_210 }, state, false, false), ["NONE", 0, 0]);
  assert.deepEqual(met({ initialBps: 2_190 }, probed, false, false), ["NONE", 0, 0]);
});

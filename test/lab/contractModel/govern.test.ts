import assert from "node:assert/strict";
import { test } from "node:test";
import { zeroAddress } from "viem";
import { minuteOf } from "../../../keeper/domain/calendar.ts";
import type { ContractLimits } from "../../../keeper/domain/contract.ts";
import { limitsProblem, lowestMaintenance, profileProblem } from "../../../keeper/policy/limitsCheck.ts";
import {
  resetBreaker,
  setAggregateBudget,
  setClass,
  setLimits,
  setProbe,
} from "../../../scripts/lab/contractModel/govern.ts";
import { listMarket, marketOf } from "../../../scripts/lab/contractModel/listMarket.ts";
import { overrideMarkets } from "../../../scripts/lab/contractModel/overrideMarkets.ts";
import { locate } from "../../../scripts/lab/contractModel/state.ts";
import { PROBES } from "./calls.ts";
import { COLLATERAL, debtOf, LIMITS, PROFILE, START, USD } from "./genesis.ts";
import { as, calm, DAY, done, entry, HOUR, MINUTE, refusal, update } from "./world.ts";

const governance = as("governance", START);
const guardian = as("guardian", START);
const limits = (change: Partial<ContractLimits>): ContractLimits => ({ ...LIMITS, ...change });

test("limits that contradict each other are refused with field, value and nearest allowed", () => {
  const problem = (change: Partial<ContractLimits>) => Object.values(limitsProblem(limits(change), PROFILE) ?? {});
  assert.deepEqual(problem({}), []);
  assert.deepEqual(problem({ maxInitialBps: 10_001 }), ["maxInitialBps", 10_001, 10_000]);
  assert.deepEqual(problem({ minInitialBps: 9_001 }), ["minInitialBps", 9_001, 9_000]);
  assert.deepEqual(problem({ maxMaintenanceBps: 8_192 }), ["maxMaintenanceBps", 8_192, 8_191]);
  assert.deepEqual(problem({ minGapBps: 0 }), ["minGapBps", 0, 1]);
  assert.deepEqual(problem({ minGapBps: 1_001 }), ["maxInitialBps", 9_000, 9_001]);
  assert.deepEqual(problem({ liquidationBonusBps: 800 }), ["minMaintenanceBps", 700, 741]);
  assert.deepEqual(problem({ maxLooseningStepBps: 201 }), ["maxLooseningStepBps", 201, 200]);
  assert.deepEqual(problem({ looseningBudgetBpsPerDay: 202 }), ["looseningBudgetBpsPerDay", 202, 200]);
  assert.deepEqual(problem({ quorumLooseningBudgetBpsPerDay: 1_024 }), [
    "quorumLooseningBudgetBpsPerDay",
    1_024,
    1_020,
  ]);
  assert.deepEqual(problem({ maxAgeSeconds: 90 }), ["maxAgeSeconds", 90, 60]);
  assert.deepEqual(problem({ maxAgeSeconds: 21_660 }), ["ttlSeconds", 21_600, 21_660]);
});

test("a profile never moves faster than 2000 bp a day and is stale before its age is full", () => {
  const problem = (change: object) => Object.values(profileProblem({ ...PROFILE, ...change }) ?? {});
  assert.deepEqual(problem({}), []);
  assert.deepEqual(problem({ tightenSpeedBpsPerDay: 2_001 }), ["tightenSpeedBpsPerDay", 2_001, 2_000]);
  assert.deepEqual(problem({ decaySeconds: 0 }), ["decaySeconds", 0, 60]);
  assert.deepEqual(problem({ ttlSeconds: 61 }), ["ttlSeconds", 61, 60]);
  const long = ["ttlSeconds + decaySeconds", 245_760, 245_700];
  assert.deepEqual(problem({ ttlSeconds: 159_360 }), long);
});

test("a bonus of 5 % needs a maintenance of 477 bp", () => {
  assert.equal(lowestMaintenance(500), 477);
});

test("limits that present values break are refused: first let the keeper tighten", () => {
  const refused = (change: Partial<ContractLimits>) => refusal(setLimits(calm(), 0, limits(change), governance));
  assert.deepEqual(refused({ minGapBps: 401 }), ["BadLimits", "minGapBps", 401, 400]);
  const bonus = { liquidationBonusBps: 2_200, minMaintenanceBps: 1_804 };
  assert.deepEqual(refused(bonus), ["BadLimits", "liquidationBonusBps", 2_200, 2_195]);
});

test("a guardian's limits are only tighter", () => {
  const refused = (change: Partial<ContractLimits>) => refusal(setLimits(calm(), 0, limits(change), guardian));
  assert.deepEqual(refused({ maxLooseningStepBps: 81 }), ["NotTighter", "maxLooseningStepBps", 81, 80]);
  assert.deepEqual(refused({ minInitialBps: 999 }), ["NotTighter", "minInitialBps", 999, 1_000]);
  assert.deepEqual(refused({ minGapBps: 201 }), ["NotTighter", "minGapBps", 201, 200]);
  assert.deepEqual(refused({ probed: true }), ["NotTighter", "probed", 1, 0]);
  const tighter = limits({ maxLooseningStepBps: 0, looseningBudgetBpsPerDay: 0 });
  assert.deepEqual(done(setLimits(calm(), 0, tighter, guardian)).classes.get(0), tighter);
});

test("limits belong to one of 64 classes", () => {
  assert.deepEqual(refusal(setLimits(calm(), 64, LIMITS, governance)), ["UnknownClass", 64]);
  assert.deepEqual(refusal(setLimits(calm(), 5, LIMITS, guardian)), ["UnknownClass", 5]);
  assert.equal(refusal(setLimits(calm(), 0, LIMITS, as("keeper", START)))[0], "AccessControlUnauthorizedAccount");
});

test("a group moves to another class, and until then at the speeds of the old one", () => {
  const moving = done(update(calm(), START + MINUTE, [entry(0, START + MINUTE, [[5_000, 4_000]])]));
  const state = done(setClass(moving, 0, 1, as("governance", START + 4 * HOUR)));
  assert.equal(locate(state, 1)?.market.maintenanceBps, 1_825);
  assert.equal(state.groups[0]?.classId, 1);
  assert.deepEqual(refusal(setClass(calm(), 4, 1, governance)), ["UnknownGroup", 4, 4]);
  assert.deepEqual(refusal(setClass(calm(), 0, 2, governance)), ["UnknownClass", 2]);
});

test("a guardian may only lower the aggregate budgets", () => {
  assert.deepEqual(refusal(setAggregateBudget(calm(), 2_001, 0, guardian)), [
    "NotTighter",
    "aggregateBps",
    2_001,
    2_000,
  ]);
  const wider = ["NotTighter", "quorumAggregateBps", 4_001, 4_000];
  assert.deepEqual(refusal(setAggregateBudget(calm(), 0, 4_001, guardian)), wider);
  assert.equal(done(setAggregateBudget(calm(), 0, 0, guardian)).door.aggregateBps, 0);
});

test("only governance resets the breaker", () => {
  const tripped = { ...calm(), door: { ...calm().door, tightenOnly: true } };
  assert.equal(refusal(resetBreaker(tripped, guardian))[0], "AccessControlUnauthorizedAccount");
  assert.equal(done(resetBreaker(tripped, governance)).door.tightenOnly, false);
});

test("a probe is set and taken away", () => {
  const set = done(setProbe(calm(), 1, PROBES.even, governance));
  assert.equal(set.probes.get(1), PROBES.even);
  assert.equal(done(setProbe(set, 1, zeroAddress, governance)).probes.size, 0);
  assert.deepEqual(refusal(setProbe(calm(), 15, PROBES.even, governance)), ["UnknownMarket", 15]);
});

test("an override goes past step and budget, keeps maintenance's speed and holds the values", () => {
  const value = { marketId: 1, initialBps: 2_000, maintenanceTargetBps: 1_000, until: START + DAY };
  const state = done(overrideMarkets(calm(), [value], governance));
  const market = locate(state, 1)?.market;
  assert.deepEqual([market?.initialBps, market?.maintenanceTargetBps, market?.maintenanceBps], [2_000, 1_000, 1_800]);
  assert.equal(market?.ownAsOfMinute, minuteOf(START + DAY));
  const next = START + HOUR;
  assert.equal(refusal(update(state, next, [entry(0, next, [[2_500, 1_800]])]))[0], "NoMarketApplied");
});

test("an override keeps bounds, gap and breaker, reaches 30 days and is whole or not at all", () => {
  const value = { marketId: 1, initialBps: 2_300, maintenanceTargetBps: 1_800, until: START };
  const refused = (change: object, state = calm()) =>
    refusal(overrideMarkets(state, [value, { ...value, ...change }], governance));
  assert.deepEqual(refused({ initialBps: 999 }), ["BadValues", 1, 6, 999, 1_000]);
  assert.deepEqual(refused({ initialBps: 1_999, maintenanceTargetBps: 1_000 }), ["BadValues", 1, 8, 1_999, 2_000]);
  const month = START + 30 * DAY;
  assert.deepEqual(refused({ until: month + 1 }), ["BadUntil", 1, month + 1, START, month]);
  assert.deepEqual(refused({ until: START - 1 }), ["BadUntil", 1, START - 1, START, month]);
  assert.deepEqual(refused({ marketId: 15 }), ["UnknownMarket", 15]);
  const tripped = { ...calm(), door: { ...calm().door, tightenOnly: true } };
  assert.deepEqual(refused({ initialBps: 2_299 }, tripped), ["BadValues", 1, 10, 2_299, 2_300]);
  assert.deepEqual(refused({ maintenanceTargetBps: 1_799 }, tripped), ["BadValues", 1, 10, 1_799, 1_800]);
});

test("a market is listed in the next free lane of a group of its class, as old as the class takes", () => {
  const values = { initialBps: 2_500, maintenanceBps: 1_900 };
  const listing = { collateral: COLLATERAL, debt: debtOf(20), classId: 1, group: 2, ...values };
  const lister = as("lister", START);
  const state = done(listMarket(calm(), listing, lister));
  const market = locate(state, 15)?.market;
  assert.deepEqual([market?.initialBps, market?.maintenanceBps, market?.mode], [2_500, 1_900, "NORMAL"]);
  assert.equal(market?.ownAsOfMinute, minuteOf(START) - 120);
  assert.equal(state.door.generation, 17);
  assert.equal(marketOf(state, COLLATERAL, debtOf(20)), 15);
  const refused = (change: object) => refusal(listMarket(state, { ...listing, debt: debtOf(21), ...change }, lister));
  assert.deepEqual(refused({ debt: USD }), ["MarketExists", COLLATERAL, USD, 1]);
  assert.deepEqual(refused({ classId: 2 }), ["UnknownClass", 2]);
  assert.deepEqual(refused({ group: 5 }), ["UnknownGroup", 5, 4]);
  assert.deepEqual(refused({ group: 0 }), ["WrongGroupClass", 0, 1, 0]);
  assert.deepEqual(refused({}), ["GroupFull", 2]);
  assert.deepEqual(refused({ group: 4, initialBps: 9_001 }), ["BadValues", 21, 6, 9_001, 9_000]);
  assert.equal(refusal(listMarket(state, listing, governance))[0], "AccessControlUnauthorizedAccount");
});

import assert from "node:assert/strict";
import { test } from "node:test";
import type { OnChainLimits } from "../../keeper/domain/decision.ts";
import {
  applyLimits,
  applyMode,
  applyUpdate,
  checkUpdate,
  effectiveHaircuts,
  type LimitedUpdate,
  type StoredMarket,
} from "../../keeper/policy/limits.ts";
import { SAMPLE_LIMITS as LIMITS } from "../support/limits.ts";

const NOW = 1_770_000_000;
const HOUR = 3_600;
const DAY = 86_400;

/** The calm world of the Solidity tests: initial 22 %, maintenance 18 %, data ten seconds old, budget full. */
const CALM: StoredMarket = {
  mode: "NORMAL",
  storedInitialBps: 2_200,
  maintenanceTargetBps: 1_800,
  maintenanceNanoBps: 1_800_000_000_000n,
  maintenanceTime: NOW,
  asOf: NOW - 10,
  budgetNanoBps: 100_000_000_000n,
  budgetTime: NOW,
};

const update = (change: Partial<LimitedUpdate> = {}): LimitedUpdate => ({
  initialBps: 2_200,
  maintenanceTargetBps: 1_800,
  confidenceBps: 9_000,
  asOf: NOW,
  ...change,
});

const refused = (change: Partial<LimitedUpdate>, now = NOW, limits = LIMITS) => {
  const { reason, given, allowed } = checkUpdate(CALM, limits, update(change), now);
  return [reason, given, allowed];
};

test("a calm market reads what is stored", () => {
  const calm = { initialBps: 2_200, maintenanceBps: 1_800, maintenanceNanoBps: 1_800_000_000_000n };
  assert.deepEqual(effectiveHaircuts(CALM, LIMITS, NOW), calm);
});

test("maintenance covers 25 bp in 4 h at 150 bp a day and stops at its target", () => {
  const rising = { ...CALM, maintenanceTargetBps: 1_830 };
  assert.equal(effectiveHaircuts(rising, LIMITS, NOW + 4 * HOUR).maintenanceNanoBps, 1_825_000_000_000n);
  assert.equal(effectiveHaircuts(rising, LIMITS, NOW + 5 * HOUR).maintenanceBps, 1_830);
});

test("maintenance is rounded up against the borrower", () => {
  assert.equal(effectiveHaircuts({ ...CALM, maintenanceTargetBps: 1_900 }, LIMITS, NOW + 1).maintenanceBps, 1_801);
});

test("30 days of silence close the market to new risk and leave maintenance where it stood at the ttl", () => {
  const rising = { ...CALM, maintenanceTargetBps: 5_000 };
  const silent = effectiveHaircuts(rising, LIMITS, NOW + 30 * DAY);
  assert.equal(silent.initialBps, 10_000);
  assert.deepEqual(
    silent.maintenanceNanoBps,
    effectiveHaircuts(rising, LIMITS, CALM.asOf + 6 * HOUR).maintenanceNanoBps,
  );
});

test("a stale initial rises in a straight line, rounded up", () => {
  const at = (age: number) => effectiveHaircuts(CALM, LIMITS, CALM.asOf + age).initialBps;
  assert.deepEqual([at(6 * HOUR), at(6 * HOUR + 1), at(18 * HOUR), at(30 * HOUR)], [2_200, 2_201, 6_100, 10_000]);
});

test("NO_NEW_RISK and FROZEN read 100 % initial; only FROZEN holds maintenance", () => {
  const rising = { ...CALM, maintenanceTargetBps: 1_900 };
  const closed = effectiveHaircuts({ ...rising, mode: "NO_NEW_RISK" }, LIMITS, NOW + 4 * HOUR);
  assert.deepEqual([closed.initialBps, closed.maintenanceBps], [10_000, 1_825]);
  const frozen = effectiveHaircuts({ ...rising, mode: "FROZEN" }, LIMITS, NOW + 4 * HOUR);
  assert.deepEqual([frozen.initialBps, frozen.maintenanceBps], [10_000, 1_800]);
});

test("each rule names itself, the value given and the nearest value allowed", () => {
  assert.deepEqual(refused({ asOf: NOW - 10 }), ["ASOF_NOT_INCREASING", NOW - 10, NOW - 9]);
  assert.deepEqual(refused({}, NOW + HOUR + 1), ["ASOF_TOO_OLD", NOW, NOW + 1]);
  assert.deepEqual(refused({ asOf: NOW + 1 }), ["ASOF_IN_FUTURE", NOW + 1, NOW]);
  assert.deepEqual(refused({ initialBps: 999 }), ["INITIAL_OUT_OF_BOUNDS", 999, 1_000]);
  assert.deepEqual(refused({ initialBps: 9_001 }), ["INITIAL_OUT_OF_BOUNDS", 9_001, 9_000]);
  assert.deepEqual(refused({ maintenanceTargetBps: 299 }), ["MAINTENANCE_OUT_OF_BOUNDS", 299, 300]);
  assert.deepEqual(refused({ maintenanceTargetBps: 8_501 }), ["MAINTENANCE_OUT_OF_BOUNDS", 8_501, 8_500]);
  assert.deepEqual(refused({ maintenanceTargetBps: 2_001 }), ["GAP_TOO_SMALL", 2_200, 2_201]);
  assert.deepEqual(refused({ maintenanceTargetBps: 476 }), ["TOXIC_LIQUIDATION", 476, 477]);
  assert.deepEqual(refused({ initialBps: 2_119 }), ["STEP_TOO_LARGE", 2_119, 2_120]);
  assert.deepEqual(refused({ maintenanceTargetBps: 1_719 }), ["STEP_TOO_LARGE", 1_719, 1_720]);
  const tight = { ...LIMITS, maxLooseningStepBps: 500 };
  assert.deepEqual(refused({ initialBps: 2_099 }, NOW, tight), ["LOOSENING_BUDGET_SPENT", 2_099, 2_100]);
  assert.deepEqual(refused({ confidenceBps: 10_001 }), ["CONFIDENCE_OUT_OF_RANGE", 10_001, 10_000]);
  assert.deepEqual(refused({}), ["NONE", 0, 0]);
});

test("tightening to the bounds passes with the budget spent and in every mode", () => {
  for (const mode of ["NORMAL", "NO_NEW_RISK", "FROZEN"] as const) {
    const spent = { ...CALM, mode, budgetNanoBps: 0n };
    const all = update({ initialBps: 9_000, maintenanceTargetBps: 8_500 });
    assert.equal(checkUpdate(spent, LIMITS, all, NOW).reason, "NONE");
  }
});

test("an update is applied whole and pays for its loosening", () => {
  const { state } = applyUpdate(CALM, LIMITS, update({ initialBps: 2_120, maintenanceTargetBps: 1_750 }), NOW);
  const values = { storedInitialBps: 2_120, maintenanceTargetBps: 1_750, asOf: NOW, budgetNanoBps: 20_000_000_000n };
  assert.deepEqual(state, { ...CALM, ...values });
});

test("a refused update changes nothing", () => {
  assert.equal(applyUpdate(CALM, LIMITS, update({ initialBps: 999 }), NOW).state, CALM);
});

test("freezing, thawing and new limits never move maintenance in their block", () => {
  const rising = { ...CALM, maintenanceTargetBps: 5_000 };
  const frozen = applyMode(rising, LIMITS, "FROZEN", NOW + 4 * HOUR);
  const thawed = applyMode(frozen, LIMITS, "NORMAL", NOW + 5 * HOUR);
  assert.equal(effectiveHaircuts(thawed, LIMITS, NOW + 5 * HOUR).maintenanceNanoBps, 1_825_000_000_000n);
  const faster = { ...LIMITS, tightenSpeedBpsPerDay: 3_000, looseningBudgetBpsPerDay: 60 };
  const quick = applyLimits(thawed, LIMITS, faster, NOW + 5 * HOUR);
  assert.equal(effectiveHaircuts(quick, faster, NOW + 5 * HOUR).maintenanceNanoBps, 1_825_000_000_000n);
  assert.equal(quick.budgetNanoBps, 30_000_000_000n);
});

test("every rule lets its own limit through", () => {
  const wide = { ...LIMITS, maxLooseningStepBps: 5_000, looseningBudgetBpsPerDay: 20_000, minGapBps: 0 };
  const full = { ...CALM, budgetNanoBps: 10_000_000_000_000n };
  const passes = (change: Partial<LimitedUpdate>, limits: OnChainLimits = wide, now = NOW) =>
    assert.deepEqual(checkUpdate(full, limits, update(change), now), { reason: "NONE", given: 0, allowed: 0 });
  passes({}, LIMITS, NOW + HOUR);
  passes({ asOf: NOW - 9 });
  passes({ initialBps: 1_800, maintenanceTargetBps: 500 });
  passes({ initialBps: 9_000, maintenanceTargetBps: 8_500 });
  passes({ initialBps: 2_000 }, { ...wide, minGapBps: 200 });
  passes({ maintenanceTargetBps: 477 });
  passes({ initialBps: 2_120, maintenanceTargetBps: 1_720 }, LIMITS);
  passes({ initialBps: 2_100 }, { ...LIMITS, maxLooseningStepBps: 500 });
  passes({ confidenceBps: 10_000 });
  const low = { ...wide, minInitialBps: 1_800, minMaintenanceBps: 600 };
  passes({ initialBps: 1_800, maintenanceTargetBps: 600 }, low);
});

test("a step of the maintenance target counts from the lower of target and effective value", () => {
  const falling = { ...CALM, maintenanceTargetBps: 1_500 };
  const to = (maintenanceTargetBps: number) =>
    checkUpdate(falling, LIMITS, update({ maintenanceTargetBps }), NOW).reason;
  assert.deepEqual([to(1_420), to(1_419)], ["NONE", "STEP_TOO_LARGE"]);
  const rising = { ...CALM, maintenanceTargetBps: 1_900, storedInitialBps: 2_200 };
  const back = (maintenanceTargetBps: number) =>
    checkUpdate(rising, LIMITS, update({ maintenanceTargetBps }), NOW).reason;
  assert.deepEqual([back(1_720), back(1_719)], ["NONE", "STEP_TOO_LARGE"]);
});

test("a tightening costs no budget", () => {
  const { state } = applyUpdate(CALM, LIMITS, update({ initialBps: 2_300 }), NOW);
  assert.equal(state.budgetNanoBps, CALM.budgetNanoBps);
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { EPOCH } from "../../../keeper/domain/calendar.ts";
import { NEVER_LAPSES } from "../../../keeper/domain/contract.ts";
import type { Reason } from "../../../keeper/domain/decision.ts";
import { outlookOf } from "../../../scripts/lab/contractModel/outlook.ts";
import { CALM_LIMITS, calmMarket } from "../../support/onChain.ts";

/** A minute at which both clocks of 300 and 3000 ticks in 30 days begin anew. */
const NOW = EPOCH + 43_200 * 60 * 135;
const write = {
  action: "submit",
  reasons: [] as readonly Reason[],
  initialBps: 2_600,
  maintenanceTargetBps: 2_200,
} as const;

describe("the outlook of a decision", () => {
  it("has initial in full at once and maintenance at its speed: 10 bp in a day", () => {
    const { now, afterHour, afterDay, maintenanceTargetBps, renewed } = outlookOf(calmMarket(NOW), write, NOW);
    assert.deepEqual(now, { initialBps: 2_600, maintenanceBps: 1_900 });
    assert.deepEqual(afterHour, { initialBps: 2_600, maintenanceBps: 1_900 });
    assert.deepEqual(afterDay, { initialBps: 2_600, maintenanceBps: 1_910 });
    assert.equal(maintenanceTargetBps, 2_200);
    assert.equal(renewed, true);
  });

  it("stops at the target", () => {
    const { afterDay } = outlookOf(calmMarket(NOW), { ...write, maintenanceTargetBps: 1_904 }, NOW);
    assert.equal(afterDay.maintenanceBps, 1_904);
  });

  it("loosens maintenance at its own speed: 4 bp in an hour, 100 in a day", () => {
    const { afterHour, afterDay } = outlookOf(calmMarket(NOW), { ...write, maintenanceTargetBps: 1_500 }, NOW);
    assert.equal(afterHour.maintenanceBps, 1_896);
    assert.equal(afterDay.maintenanceBps, 1_800);
  });

  it("of a hold is the chain as it stands, its own way included", () => {
    const onChain = calmMarket(NOW, { maintenanceTargetBps: 1_908 });
    const { now, afterDay } = outlookOf(onChain, { ...write, action: "hold", reasons: ["DEAD_BAND"] }, NOW);
    assert.deepEqual(now, { initialBps: 2_200, maintenanceBps: 1_900 });
    assert.deepEqual(afterDay, { initialBps: 2_200, maintenanceBps: 1_908 });
  });

  it("of a keeper without data is the contract's own staleness: initial rises, maintenance stops at the ttl", () => {
    const limits = { ...CALM_LIMITS, ttlHours: 2, decayHours: 12 };
    const onChain = calmMarket(NOW, { limits, asOf: NOW, maintenanceTargetBps: 1_500 });
    const silent = outlookOf(onChain, { ...write, action: "hold", reasons: ["NO_DATA"] }, NOW);
    assert.equal(silent.renewed, false);
    assert.deepEqual(silent.afterHour, { initialBps: 2_200, maintenanceBps: 1_896 });
    assert.deepEqual(silent.afterDay, { initialBps: 9_500, maintenanceBps: 1_892 });
  });

  it("of a halted key is the same, and of values that governance holds there is no staleness until it no longer does", () => {
    const limits = { ...CALM_LIMITS, ttlHours: 2, decayHours: 12 };
    const onChain = calmMarket(NOW, { limits, asOf: NOW });
    const halted = outlookOf(onChain, { ...write, action: "hold", reasons: ["HALTED"] }, NOW);
    assert.equal(halted.afterDay.initialBps, 9_500);
    const held = { ...onChain, heldUntil: NOW + 22 * 3_600 };
    const overridden = outlookOf(held, { ...write, action: "hold", reasons: ["OVERRIDDEN"] }, NOW);
    assert.equal(overridden.afterDay.initialBps, 2_200);
  });

  it("does not fall while the market is frozen, goes on rising, and closes initial", () => {
    const onChain = calmMarket(NOW, { mode: "FROZEN", modeUntil: NEVER_LAPSES });
    const { afterDay } = outlookOf(onChain, { ...write, maintenanceTargetBps: 1_500 }, NOW);
    assert.deepEqual(afterDay, { initialBps: 10_000, maintenanceBps: 1_900 });
    assert.equal(outlookOf(onChain, write, NOW).afterDay.maintenanceBps, 1_910);
  });
});

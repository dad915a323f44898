import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { NEVER_LAPSES } from "../../../keeper/domain/contract.ts";
import type { Reason } from "../../../keeper/domain/decision.ts";
import { outlookOf } from "../../../scripts/lab/contractModel/outlook.ts";
import { CALM_PROFILE, calmMarket } from "../../support/onChain.ts";

/** A whole minute of a day on which both clocks of 150 and 100 ticks a day begin anew. */
const NOW = 1_769_990_400;
const write = {
  action: "submit",
  reasons: [] as readonly Reason[],
  initialBps: 2_600,
  maintenanceTargetBps: 2_200,
} as const;

describe("the outlook of a decision", () => {
  it("has initial in full at once and maintenance at its speed: 6 bp in an hour, 150 in a day", () => {
    const { now, afterHour, afterDay, maintenanceTargetBps, renewed } = outlookOf(calmMarket(NOW), write, NOW);
    assert.deepEqual(now, { initialBps: 2_600, maintenanceBps: 1_900 });
    assert.deepEqual(afterHour, { initialBps: 2_600, maintenanceBps: 1_906 });
    assert.deepEqual(afterDay, { initialBps: 2_600, maintenanceBps: 2_050 });
    assert.equal(maintenanceTargetBps, 2_200);
    assert.equal(renewed, true);
  });

  it("stops at the target", () => {
    const { afterDay } = outlookOf(calmMarket(NOW), { ...write, maintenanceTargetBps: 1_950 }, NOW);
    assert.equal(afterDay.maintenanceBps, 1_950);
  });

  it("loosens maintenance at its own, slower speed", () => {
    const { afterDay } = outlookOf(calmMarket(NOW), { ...write, maintenanceTargetBps: 1_500 }, NOW);
    assert.equal(afterDay.maintenanceBps, 1_800);
  });

  it("of a hold is the chain as it stands, its own ramp included", () => {
    const onChain = calmMarket(NOW, { maintenanceTargetBps: 2_000 });
    const { now, afterDay } = outlookOf(onChain, { ...write, action: "hold", reasons: ["DEAD_BAND"] }, NOW);
    assert.deepEqual(now, { initialBps: 2_200, maintenanceBps: 1_900 });
    assert.deepEqual(afterDay, { initialBps: 2_200, maintenanceBps: 2_000 });
  });

  it("of a keeper without data is the contract's own staleness: initial rises, maintenance stops at the ttl", () => {
    const profile = { ...CALM_PROFILE, ttlSeconds: 7_200, decaySeconds: 43_200 };
    const onChain = calmMarket(NOW, { profile, asOf: NOW, maintenanceTargetBps: 2_200 });
    const silent = outlookOf(onChain, { ...write, action: "hold", reasons: ["NO_DATA"] }, NOW);
    assert.equal(silent.renewed, false);
    assert.deepEqual(silent.afterHour, { initialBps: 2_200, maintenanceBps: 1_906 });
    assert.deepEqual(silent.afterDay, { initialBps: 9_500, maintenanceBps: 1_912 });
  });

  it("stands still while the market is frozen and closes initial", () => {
    const onChain = calmMarket(NOW, { mode: "FROZEN", modeUntil: NEVER_LAPSES });
    const { afterDay } = outlookOf(onChain, write, NOW);
    assert.deepEqual(afterDay, { initialBps: 10_000, maintenanceBps: 1_900 });
  });
});

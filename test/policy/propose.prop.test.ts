import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { OnChainLimits, OnChainMarket, Reason, Target } from "../../keeper/domain/decision.ts";
import { DEFAULT_POLICY } from "../../keeper/markets/defaults.ts";
import { leastMaintenanceBps } from "../../keeper/policy/bounds.ts";
import { budgetAvailableBps } from "../../keeper/policy/budget.ts";
import { effectiveHaircuts } from "../../keeper/policy/effective.ts";
import { checkUpdate } from "../../keeper/policy/limits.ts";
import { propose } from "../../keeper/policy/propose.ts";
import { CALM_LIMITS, calmMarket, NO_HISTORY } from "../support/onChain.ts";

const NOW = 1_770_000_000;
const NANO = 1_000_000_000n;
const whole = (min: number, max: number) => fc.integer({ min, max });

/** Limits as the contract accepts them. */
const limits: fc.Arbitrary<OnChainLimits> = fc
  .record({
    minInitialBps: whole(0, 2_000),
    maxMaintenanceBps: whole(1_000, 6_000),
    minMaintenanceBps: whole(0, 1_000),
    minGapBps: whole(1, 500),
    room: whole(0, 3_000),
    liquidationBonusBps: whole(0, 1_000),
    maxLooseningStepBps: whole(0, 500),
    looseningBudgetBpsPerDay: whole(0, 400),
  })
  .map(({ room, ...change }) => {
    const maxInitialBps = Math.max(change.minInitialBps, change.maxMaintenanceBps + change.minGapBps + room);
    return { ...CALM_LIMITS, ...change, maxInitialBps };
  });

/** A market as the contract can hold it, bounds that governance moved after the last write included. */
const market: fc.Arbitrary<OnChainMarket> = fc
  .record({
    limits,
    target: whole(0, 7_000),
    effective: whole(0, 7_000),
    above: whole(0, 2_500),
    budget: whole(0, 200),
    age: whole(0, 40 * 3_600),
  })
  .map(({ limits: bounds, target, effective, above, budget, age }) => {
    const floor = leastMaintenanceBps(bounds.liquidationBonusBps);
    const maintenanceTargetBps = Math.max(target, floor);
    const stored = Math.min(10_000, Math.max(maintenanceTargetBps, effective, floor) + bounds.minGapBps + above);
    const state = calmMarket(NOW, {
      limits: bounds,
      maintenanceTargetBps,
      maintenanceNanoBps: BigInt(Math.max(effective, floor)) * NANO,
      maintenanceTime: NOW - age,
      storedInitialBps: stored,
      asOf: NOW - age,
      budgetNanoBps: BigInt(budget) * NANO,
    });
    const { initialBps, maintenanceBps } = effectiveHaircuts(state, bounds, NOW);
    return { ...state, initialBps, maintenanceBps };
  });

const blockers = fc.subarray<Reason>(["LOW_CONFIDENCE", "NO_AGREEMENT", "BREAKER_REST", "COOL_DOWN"]);
const share = fc.double({ min: 0, max: 1, noNaN: true });

describe("propose", () => {
  it("proposes nothing that the contract would skip, wherever governance has put the bounds", () => {
    fc.assert(
      fc.property(market, share, share, blockers, fc.boolean(), (onChain, a, b, held, maintenanceMayMove) => {
        const target = { initial: Math.max(a, b), maintenance: Math.min(a, b) } as Target;
        const context = {
          now: NOW,
          onChain,
          history: { ...NO_HISTORY, lastLoosening: NOW - 86_400 },
          blockers: held,
          budgetBps: budgetAvailableBps(onChain, NOW),
          maintenanceMayMove,
        };
        const { initialBps, maintenanceTargetBps } = propose(target, context, DEFAULT_POLICY);
        const update = { initialBps, maintenanceTargetBps, confidenceBps: 9_000, asOf: NOW };
        const fresh = { ...onChain, asOf: Math.min(onChain.asOf, NOW - 1) };
        const { reason, given, allowed } = checkUpdate(fresh, onChain.limits, update, NOW);
        const figures = `${initialBps}/${maintenanceTargetBps} on ${onChain.storedInitialBps}/${onChain.maintenanceTargetBps}`;
        assert.equal(
          reason,
          "NONE",
          `${figures}, effective ${onChain.maintenanceBps}: given ${given}, allowed ${allowed}`,
        );
      }),
      { numRuns: 3_000 },
    );
  });
});

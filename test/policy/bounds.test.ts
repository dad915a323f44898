import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Adjustment, Target } from "../../keeper/domain/decision.ts";
import { DEFAULT_POLICY } from "../../keeper/markets/defaults.ts";
import { propose } from "../../keeper/policy/propose.ts";
import { calmMarket, NO_HISTORY } from "../support/onChain.ts";

const NOW = 1_770_000_000;
/** A market at the least of its bounds (initial 500 to 6000, maintenance 500 to 5000 bp): every move up is a tightening. */
const LOW = calmMarket(NOW, { storedInitialBps: 500, maintenanceTargetBps: 500, maintenanceBps: 500 });

const proposed = (initialBps: number, maintenanceBps: number) =>
  propose(
    { initial: initialBps / 10_000, maintenance: maintenanceBps / 10_000, limit: { usd: 0 } } as Target,
    {
      now: NOW,
      onChain: LOW,
      history: NO_HISTORY,
      blockers: [],
      budgetBps: 200,
      priceUsd: null,
      maintenanceMayMove: true,
    },
    DEFAULT_POLICY,
  );

/** What governance's bounds changed of one side, the other side being inside of its own. */
function bound(side: Adjustment["side"], valueBps: number): readonly Adjustment[] {
  const { adjustments } = side === "initial" ? proposed(valueBps, 600) : proposed(5_900, valueBps);
  return adjustments.filter((one) => one.side === side && one.rule.startsWith("governance"));
}

describe("governance's bounds", () => {
  it("leave what lies inside alone, both bounds included", () => {
    for (const value of [500, 1_900, 5_000]) assert.deepEqual(bound("maintenance", value), []);
    for (const value of [500, 2_200, 6_000]) assert.deepEqual(bound("initial", value), []);
  });

  it("raise to the minimum, lower to the maximum, and say so", () => {
    for (const [side, fromBps, rule, toBps] of [
      ["maintenance", 499, "governance minimum", 500],
      ["maintenance", 5_001, "governance maximum", 5_000],
      ["initial", 499, "governance minimum", 500],
      ["initial", 6_001, "governance maximum", 6_000],
    ] as const) {
      assert.deepEqual(bound(side, fromBps), [{ side, rule, fromBps, toBps }]);
    }
  });

  it("keep the order of what they bound, and change nothing a second time", () => {
    const value = fc.integer({ min: 0, max: 10_000 });
    fc.assert(
      fc.property(value, value, (a, b) => {
        const [low, high] = [proposed(Math.min(a, b), 0), proposed(Math.max(a, b), 0)];
        assert.ok(low.initialBps <= high.initialBps);
        const [less, more] = [proposed(6_000, Math.min(a, b)), proposed(6_000, Math.max(a, b))];
        assert.ok(less.maintenanceTargetBps <= more.maintenanceTargetBps);
        assert.deepEqual(bound("initial", low.initialBps), []);
        assert.deepEqual(bound("maintenance", less.maintenanceTargetBps), []);
      }),
    );
  });
});

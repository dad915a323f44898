import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { Adjustments, boundInitial, boundMaintenance } from "../../keeper/policy/bounds.ts";
import { CALM_LIMITS } from "../support/onChain.ts";

const maintenance = (valueBps: number) => {
  const notes = new Adjustments();
  return [boundMaintenance(valueBps, CALM_LIMITS, notes), notes.list] as const;
};
const initial = (valueBps: number) => {
  const notes = new Adjustments();
  return [boundInitial(valueBps, CALM_LIMITS, notes), notes.list] as const;
};

describe("Adjustments", () => {
  it("notes a change with side, rule and both values, and returns the new one", () => {
    const notes = new Adjustments();
    assert.equal(notes.note("initial", "a rule", 100, 120), 120);
    assert.deepEqual(notes.list, [{ side: "initial", rule: "a rule", fromBps: 100, toBps: 120 }]);
  });

  it("notes nothing where a rule changed nothing", () => {
    const notes = new Adjustments();
    assert.equal(notes.note("maintenance", "a rule", 100, 100), 100);
    assert.deepEqual(notes.list, []);
  });
});

describe("boundMaintenance", () => {
  it("leaves what lies inside alone, both bounds included", () => {
    for (const value of [500, 1_900, 5_000]) assert.deepEqual(maintenance(value), [value, []]);
  });

  it("raises to governance's minimum, lowers to its maximum, and says so", () => {
    assert.deepEqual(maintenance(499), [
      500,
      [{ side: "maintenance", rule: "governance minimum", fromBps: 499, toBps: 500 }],
    ]);
    assert.deepEqual(maintenance(5_001), [
      5_000,
      [{ side: "maintenance", rule: "governance maximum", fromBps: 5_001, toBps: 5_000 }],
    ]);
  });
});

describe("boundInitial", () => {
  it("leaves what lies inside alone, and names the bound that moved the rest", () => {
    for (const value of [500, 2_200, 6_000]) assert.deepEqual(initial(value), [value, []]);
    assert.deepEqual(initial(499), [500, [{ side: "initial", rule: "governance minimum", fromBps: 499, toBps: 500 }]]);
    assert.deepEqual(initial(6_001), [
      6_000,
      [{ side: "initial", rule: "governance maximum", fromBps: 6_001, toBps: 6_000 }],
    ]);
  });
});

describe("both bounds", () => {
  it("are idempotent and keep the order of what they bound", () => {
    const value = fc.integer({ min: 0, max: 10_000 });
    fc.assert(
      fc.property(value, value, (a, b) => {
        for (const bound of [boundInitial, boundMaintenance]) {
          const [low, high] = [a, b].sort((x, y) => x - y).map((one) => bound(one, CALM_LIMITS, new Adjustments()));
          assert.ok(low !== undefined && high !== undefined && low <= high);
          const again = new Adjustments();
          assert.equal(bound(low, CALM_LIMITS, again), low);
          assert.deepEqual(again.list, []);
        }
      }),
    );
  });
});

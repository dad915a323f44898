import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { budgetAvailableBps, budgetAvailableNanoBps } from "../../keeper/policy/budget.ts";
import { CALM_LIMITS } from "../support/onChain.ts";

const NOW = 1_770_000_000;
const NANO = 1_000_000_000n;

/** A market that may loosen by 200 bp a day: the bucket holds 100. */
const bucket = (leftBps: bigint, budgetTime = NOW) => ({
  budgetNanoBps: leftBps * NANO,
  budgetTime,
  limits: { ...CALM_LIMITS, looseningBudgetBpsPerDay: 200 },
});

test("the bucket holds half of the daily budget and no more", () => {
  assert.equal(budgetAvailableBps(bucket(100n), NOW), 100);
  assert.equal(budgetAvailableBps(bucket(100n), NOW + 1_000_000), 100);
  assert.equal(budgetAvailableBps(bucket(500n), NOW), 100);
});

test("an empty bucket is full again after 24 h, and half full after 12", () => {
  assert.equal(budgetAvailableNanoBps(bucket(0n), NOW), 0n);
  assert.equal(budgetAvailableNanoBps(bucket(0n), NOW + 43_200), 50n * NANO);
  assert.equal(budgetAvailableNanoBps(bucket(30n), NOW + 43_200), 80n * NANO);
  assert.equal(budgetAvailableNanoBps(bucket(0n), NOW + 86_399), 99_998_842_592n);
  assert.equal(budgetAvailableNanoBps(bucket(0n), NOW + 86_400), 100n * NANO);
});

test("whole basis points are rounded down, against the borrower", () => {
  assert.equal(budgetAvailableBps(bucket(0n), NOW + 86_399), 99);
  assert.equal(budgetAvailableBps(bucket(0n), NOW + 864), 1);
  assert.equal(budgetAvailableBps(bucket(0n), NOW + 863), 0);
});

test("a clock that ran backwards refills nothing", () => {
  assert.equal(budgetAvailableNanoBps(bucket(7n, NOW + 500), NOW), 7n * NANO);
});

test("two days never give more than the budget of each plus what was there", () => {
  const spends = fc.array(fc.tuple(fc.integer({ min: 0, max: 40_000 }), fc.integer({ min: 0, max: 150 })), {
    maxLength: 30,
  });
  fc.assert(
    fc.property(spends, (steps) => {
      let [left, time, spent] = [100n * NANO, NOW, 0n];
      for (const [wait, wantedBps] of steps) {
        const now = time + wait;
        if (now > NOW + 2 * 86_400) break;
        const available = budgetAvailableNanoBps({ ...bucket(0n, time), budgetNanoBps: left }, now);
        const pay = BigInt(wantedBps) * NANO <= available ? BigInt(wantedBps) * NANO : 0n;
        [left, time, spent] = [available - pay, now, spent + pay];
      }
      assert.ok(spent <= 100n * NANO + 200n * NANO, `${spent}`);
    }),
  );
});

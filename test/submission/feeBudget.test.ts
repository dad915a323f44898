import assert from "node:assert/strict";
import { test } from "node:test";
import { openJournal } from "../../keeper/journal/journal.ts";
import { assertBudget, fundsLeft, fundsWarning } from "../../keeper/submission/fees.ts";
import { IDENTITY, NOW, samplePlan } from "../journal/sample.ts";

const FEES = { maxFeePerGas: 100n, maxPriorityFeePerGas: 1n };

/** A journal with 60 paid half an hour ago and 30 paid two hours ago. */
function world() {
  const journal = openJournal(":memory:", IDENTITY);
  const tick = journal.recordTick({ now: NOW, blockNumber: null, markets: [] });
  const plan = samplePlan(tick);
  for (const [n, feeWei, age] of [
    [1, 60n, 1_800],
    [2, 30n, 7_200],
  ] as const) {
    const { id } = journal.planIntent(samplePlan(tick, n, { nonce: n }));
    journal.resolveIntent(id, { status: "CONFIRMED", at: NOW - age, feeWei });
  }
  const budget = { perHour: 100n, perDay: 1_000n };
  const fits = (most: bigint, more: { tightens?: boolean; nonce?: number } = {}, now = NOW, at = budget) => {
    const expense = { from: plan.from, nonce: 3, most, tightens: true, ...more };
    try {
      assertBudget(expense, { ...FEES, budget: at }, journal, now);
      return true;
    } catch (error) {
      assert.equal((error as { code?: string }).code, "SPEND_BUDGET");
      return false;
    }
  };
  return { journal, tick, fits };
}

test("an expense fits the hour to the last wei, and what was paid before the hour does not count", () => {
  const { fits } = world();
  assert.deepEqual([fits(40n), fits(41n)], [true, false]);
  assert.equal(fits(100n, {}, NOW + 3_600), true);
});

test("an expense fits the day to the last wei", () => {
  const { fits } = world();
  const limits = { perHour: 1_000n, perDay: 100n };
  assert.deepEqual([fits(10n, {}, NOW, limits), fits(11n, {}, NOW, limits)], [true, false]);
});

test("what does not tighten has half of it, so that a tightening finds room", () => {
  const { fits } = world();
  assert.equal(fits(1n, { tightens: false }), false);
  assert.equal(fits(40n, { tightens: true }), true);
});

test("what is open at another nonce counts at its most, its rivals once, and what is open at this nonce not at all", () => {
  const { journal, tick, fits } = world();
  const offer = (n: number, maxFeePerGas: bigint, replaces: number | null) =>
    journal.planIntent(samplePlan(tick, n, { nonce: 3, gasLimit: 1n, maxFeePerGas, replaces })).id;
  const first = offer(3, 20n, null);
  offer(4, 25n, first);
  assert.equal(fits(40n, { nonce: 3 }), true);
  assert.deepEqual([fits(15n, { nonce: 2 }), fits(16n, { nonce: 2 })], [true, false]);
});

test("the funds left are whole batches at twice the base fee, at the cap at most", () => {
  const limits = { maxFeePerGas: 100n, maxPriorityFeePerGas: 1n };
  const cost = { gasLimit: 1_000n, baseFee: 10n };
  assert.equal(fundsLeft(21_000n, cost, limits), 1);
  assert.equal(fundsLeft(20_999n, cost, limits), 0);
  assert.equal(fundsLeft(300_000n, { ...cost, baseFee: 80n }, limits), 3);
  const gwei = { maxFeePerGas: 10n ** 12n, maxPriorityFeePerGas: 10n ** 9n };
  assert.equal(fundsLeft(10n ** 18n, { gasLimit: 1_000_000n, baseFee: 10n ** 9n }, gwei), 333);
});

test("a low balance is warned of below the number asked for, and says when nothing can be sent", () => {
  assert.equal(fundsWarning("0xaa", 5, 5), null);
  assert.match(fundsWarning("0xaa", 4, 5) ?? "", /0xaa pays for 4 more batches.*below one/);
  assert.match(fundsWarning("0xaa", 0, 5) ?? "", /nothing can be sent/);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { TonsorError } from "../../keeper/domain/errors.ts";
import { chooseFees, raiseFees } from "../../keeper/submission/fees.ts";

test("the offer leaves room for the base fee to double", () => {
  assert.deepEqual(chooseFees(10n, { maxFeePerGas: 100n, maxPriorityFeePerGas: 2n }), {
    maxFeePerGas: 22n,
    maxPriorityFeePerGas: 2n,
  });
});

test("the offer stops at the cap, and base fee and tip above the cap are refused with both numbers", () => {
  const limits = { maxFeePerGas: 100n, maxPriorityFeePerGas: 2n };
  assert.equal(chooseFees(98n, limits).maxFeePerGas, 100n);
  assert.throws(
    () => chooseFees(99n, limits),
    (error) =>
      error instanceof TonsorError &&
      error.code === "FEE_CAP_EXCEEDED" &&
      /given 101; expected <= 100$/.test(error.message),
  );
});

test("whatever the network asks, the offer covers it or is refused, and is never above the cap", () => {
  const wei = fc.bigInt({ min: 0n, max: 10n ** 15n });
  fc.assert(
    fc.property(wei, wei, wei, (baseFee, maxFeePerGas, maxPriorityFeePerGas) => {
      const needed = baseFee + maxPriorityFeePerGas;
      try {
        const fees = chooseFees(baseFee, { maxFeePerGas, maxPriorityFeePerGas });
        assert.ok(fees.maxFeePerGas >= needed && fees.maxFeePerGas <= maxFeePerGas);
      } catch (error) {
        assert.ok(error instanceof TonsorError && needed > maxFeePerGas);
      }
    }),
  );
});

const LIMITS = { maxFeePerGas: 500n, maxPriorityFeePerGas: 1n };

test("the example of a replacement is right: the fresh estimate, cut at the cap, and at least 1 wei more of the tip", () => {
  assert.deepEqual(raiseFees({ maxFeePerGas: 41n, maxPriorityFeePerGas: 1n }, 400n, LIMITS, 12.5), {
    maxFeePerGas: 500n,
    maxPriorityFeePerGas: 2n,
  });
});

test("with the base fee unchanged both fields rise by an eighth, rounded up", () => {
  assert.deepEqual(raiseFees({ maxFeePerGas: 401n, maxPriorityFeePerGas: 80n }, 20n, LIMITS, 12.5), {
    maxFeePerGas: 452n,
    maxPriorityFeePerGas: 90n,
  });
});

test("a tip of 0 becomes 1 wei, for geth wants more of both", () => {
  const raised = raiseFees(
    { maxFeePerGas: 8n, maxPriorityFeePerGas: 0n },
    0n,
    { ...LIMITS, maxPriorityFeePerGas: 0n },
    12.5,
  );
  assert.deepEqual(raised, { maxFeePerGas: 9n, maxPriorityFeePerGas: 1n });
});

test("the last raise that fits is exactly at the cap; one wei more, or a base fee above it, is none", () => {
  const at = (maxFeePerGas: bigint, baseFee = 0n) =>
    raiseFees({ maxFeePerGas, maxPriorityFeePerGas: 1n }, baseFee, LIMITS, 12.5);
  assert.equal(at(444n)?.maxFeePerGas, 500n);
  assert.equal(at(445n), null);
  assert.equal(at(41n, 498n)?.maxFeePerGas, 500n);
  assert.equal(at(41n, 499n), null);
});

test("whatever the fees, a raise satisfies every node's rule, covers the base fee and keeps below the cap, or is none", () => {
  const wei = fc.bigInt({ min: 0n, max: 10n ** 14n });
  const percent = fc.double({ min: 12.5, max: 100, noNaN: true });
  fc.assert(
    fc.property(wei, wei, wei, wei, wei, percent, (a, b, baseFee, cap, tip, bump) => {
      const last = { maxFeePerGas: a + b, maxPriorityFeePerGas: b };
      const raised = raiseFees(last, baseFee, { maxFeePerGas: cap, maxPriorityFeePerGas: tip }, bump);
      if (raised === null) return;
      for (const field of ["maxFeePerGas", "maxPriorityFeePerGas"] as const) {
        assert.ok(raised[field] * 1_000n >= last[field] * 1_125n && raised[field] > last[field]);
      }
      assert.ok(raised.maxFeePerGas <= cap && raised.maxPriorityFeePerGas <= raised.maxFeePerGas);
      assert.ok(raised.maxFeePerGas >= baseFee + raised.maxPriorityFeePerGas && raised.maxPriorityFeePerGas >= tip);
    }),
  );
});

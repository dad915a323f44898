import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { TonsorError } from "../../keeper/domain/errors.ts";
import { chooseFees } from "../../keeper/submission/fees.ts";

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

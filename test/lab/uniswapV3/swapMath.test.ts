import assert from "node:assert/strict";
import test from "node:test";
import { nextSqrtPriceFromInput } from "../../../scripts/lab/uniswapV3/sqrtPriceMath.ts";
import { computeSwapStep } from "../../../scripts/lab/uniswapV3/swapMath.ts";
import { Q96 } from "../../../scripts/lab/uniswapV3/tickMath.ts";

const E18 = 10n ** 18n;

test("known answer 16: a step that is capped at its target price", () => {
  const step = computeSwapStep(Q96, 79623317895830914510639640423n, 2n * E18, E18, 600);
  assert.equal(step.amountIn, 9975124224178055n);
  assert.equal(step.feeAmount, 5988667735148n);
  assert.equal(step.amountOut, 9925619580021728n);
  assert.equal(step.sqrtPriceNextX96, 79623317895830914510639640423n);
});

test("known answer 19: 42 tokens into one price range of the v3 book, without a fee", () => {
  const start = 5602277097478614198912276234240n;
  const step = computeSwapStep(start, start * 2n, 1517882343751509868544n, 42n * E18, 0);
  assert.equal(step.sqrtPriceNextX96, 5604469350942327889444743441197n);
  assert.equal(step.amountOut, 8396714242162444n);
  assert.equal(step.feeAmount, 0n);
});

test("a step that ends inside its range uses up the whole input, the rest of it as fee", () => {
  const step = computeSwapStep(Q96, 1000n * Q96, 2n * E18, E18, 600);
  assert.equal(step.amountIn + step.feeAmount, E18);
  assert.equal(step.amountIn, 999400000000000000n);
  assert.equal(step.amountOut, 666399946655997866n);
});

test("a step without liquidity moves to its target for nothing", () => {
  for (const target of [Q96 / 2n, Q96 * 2n]) {
    assert.deepEqual(computeSwapStep(Q96, target, 0n, E18, 3000), {
      sqrtPriceNextX96: target,
      amountIn: 0n,
      amountOut: 0n,
      feeAmount: 0n,
    });
  }
});

test("an amount smaller than its fee is taken whole as fee and moves nothing", () => {
  const step = computeSwapStep(Q96, Q96 / 2n, 2n * E18, 1n, 3000);
  assert.deepEqual(step, { sqrtPriceNextX96: Q96, amountIn: 0n, amountOut: 0n, feeAmount: 1n });
});

test("the next price takes v3-core's second branch where the first would overflow 256 bits", () => {
  const amount = 2n ** 170n;
  const price = 2n ** 100n;
  assert.ok(amount * price >= 2n ** 256n);
  const exact = (1n << 96n) * E18;
  assert.equal(nextSqrtPriceFromInput(price, E18, amount, true), exact / (exact / price + amount) + 1n);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { amount0Down, amount0Up, amount1Down, amount1Up } from "../../../scripts/lab/uniswapV3/sqrtPriceMath.ts";
import { MAX_SQRT_RATIO, MIN_SQRT_RATIO, Q96 } from "../../../scripts/lab/uniswapV3/tickMath.ts";

const price = fc.bigInt({ min: MIN_SQRT_RATIO, max: MAX_SQRT_RATIO - 1n });
const near = fc.tuple(price, fc.bigInt({ min: 0n, max: 10n ** 20n })).map(([a, more]) => [a, a + more] as const);
const prices = fc.oneof(fc.tuple(price, price), near);
const liquidity = fc.oneof(fc.bigInt({ min: 0n, max: 1_000n }), fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }));
const ceil = (a: bigint, b: bigint) => a / b + (a % b === 0n ? 0n : 1n);

test("amounts are those of v3-core's two roundings, one division after the other, to the unit", () => {
  fc.assert(
    fc.property(prices, liquidity, ([a, b], l) => {
      const [low, high] = a < b ? [a, b] : [b, a];
      assert.equal(amount0Up(a, b, l), ceil(ceil((l << 96n) * (high - low), high), low));
      assert.equal(amount0Down(a, b, l), ((l << 96n) * (high - low)) / high / low);
      assert.equal(amount1Up(a, b, l), ceil(l * (high - low), Q96));
      assert.equal(amount1Down(a, b, l), (l * (high - low)) / Q96);
    }),
    { numRuns: 3_000, seed: 96 },
  );
});

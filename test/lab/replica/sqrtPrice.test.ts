import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { scaledUsd, sqrtPriceX96At, usdOfToken1 } from "../../../scripts/lab/replica/sqrtPrice.ts";

const usdc = { usd: 1, decimals: 6 };

test("WETH at 2500 USDC stands at sqrt(4e8) in Q64.96.", () => {
  const expected = 20_000n * 2n ** 96n;
  assert.equal(expected, 1584563250285286751870879006720000n);
  assert.equal(sqrtPriceX96At(usdc, { usd: 2500, decimals: 18 }), expected);
});

test("The recorded pool price 1459071770269315203845095385394772 is WETH at 2948.53 USDC.", () => {
  assert.equal(usdOfToken1(1459071770269315203845095385394772n, usdc, 18).toFixed(2), "2948.53");
});

test("Price and square root invert each other to 1e-6 for any price from a cent to a million.", () => {
  fc.assert(
    fc.property(fc.double({ min: 0.01, max: 1e6, noNaN: true }), (usd) => {
      const back = usdOfToken1(sqrtPriceX96At(usdc, { usd, decimals: 18 }), usdc, 18);
      assert.ok(Math.abs(back / usd - 1) < 1e-6, `${usd} came back as ${back}`);
    }),
  );
});

test("The square root is rounded down, at any price and number of decimals.", () => {
  const token = fc.record({
    usd: fc.double({ min: 1e-8, max: 1e11, noNaN: true }),
    decimals: fc.integer({ min: 0, max: 36 }),
  });
  fc.assert(
    fc.property(token, token, (token0, token1) => {
      const root = sqrtPriceX96At(token0, token1);
      const [numerator, denominator] = [
        scaledUsd(token0.usd) * 10n ** BigInt(token1.decimals),
        scaledUsd(token1.usd) * 10n ** BigInt(token0.decimals),
      ];
      const ratio = (numerator << 192n) / denominator;
      assert.ok(root * root <= ratio && (root + 1n) * (root + 1n) > ratio);
    }),
  );
});

test("A feed answer has eight decimals and is never zero.", () => {
  assert.equal(scaledUsd(2948.65), 294_865_000_000n);
  assert.equal(scaledUsd(1e-12), 1n);
});

test("A feed answer is rounded to the nearest, and the highest price is just below 1e12 USD.", () => {
  assert.equal(scaledUsd(1.000000006), 100_000_001n);
  assert.equal(scaledUsd(1.000000004), 100_000_000n);
  assert.equal(scaledUsd(0.00000002), 2n);
  assert.ok(scaledUsd(999_999_999_999.5) > 99_999_999_999_900_000_000n);
});

test("A price that is zero, negative, infinite or not a number is refused.", () => {
  for (const usd of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 1e12]) {
    assert.throws(() => scaledUsd(usd), {
      name: "TonsorError",
      code: "OUT_OF_RANGE",
      message: `a price must be positive; given ${usd}; expected 0 < USD < 1e12`,
    });
  }
});

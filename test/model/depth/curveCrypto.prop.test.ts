import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { cryptoSwapInvariant } from "../../../keeper/model/depth/curveInvariant.ts";
import { curveOut } from "../../../keeper/model/depth/curveOut.ts";
import { cryptoPool } from "../../support/curve/curvePools.ts";

/** Digits after the point of the slow reference. */
const ONE = 10n ** 60n;
const SHAPE = { amplification: 400_000n, gamma: 145_000_000_000_000n };

/**
 * The CryptoSwap invariant (Egorov 2021), written down as published and evaluated with 60 digits: for two coins
 * K0 = 4 x y / D^2, K = A K0 gamma^2 / (gamma + 1 - K0)^2, F = K D (x + y) + x y - K D^2 - D^2 / 4. Rising in y.
 */
function defect(x: bigint, y: bigint, d: bigint): bigint {
  const fixed = (value: bigint, over: bigint) => (value * ONE) / over;
  const [xs, ys, ds] = [fixed(x, 10n ** 18n), fixed(y, 10n ** 18n), fixed(d, 10n ** 18n)];
  const times = (a: bigint, b: bigint) => (a * b) / ONE;
  const over = (a: bigint, b: bigint) => (a * ONE) / b;
  const gamma = fixed(SHAPE.gamma, 10n ** 18n);
  const ann = fixed(SHAPE.amplification, 10_000n);
  const k0 = over(4n * times(xs, ys), times(ds, ds));
  const g = gamma + ONE - k0;
  // ANN already holds n^n, by which the paper multiplies K.
  const k = over(times(times(times(ann, k0), gamma), gamma), times(g, g)) / 4n;
  return times(times(4n * k, ds), xs + ys) / 4n + times(xs, ys) - times(k, times(ds, ds)) - times(ds, ds) / 4n;
}

/** The y at which the invariant holds, by bisection between a hundredth and a hundred times of D. */
function slowBalance(x: bigint, d: bigint): bigint {
  let low = d / 200n;
  let high = d * 100n;
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (defect(x, middle, d) < 0n) low = middle;
    else high = middle;
  }
  return high;
}

test("what a pool pays without its fee is what the published invariant says, to a part in 10^12", () => {
  const property = fc.property(
    fc.double({ min: 0.4, max: 2.5, noNaN: true }),
    fc.double({ min: 1e-3, max: 0.4, noNaN: true }),
    fc.boolean(),
    (imbalance, share, sellsEther) => {
      const pool = cryptoPool(6e6 * imbalance, 2000);
      const [usdc, weth] = pool.coins;
      assert.ok(usdc !== undefined && weth !== undefined);
      const i = sellsEther ? 1 : 0;
      const dx = BigInt(Math.round(Number(pool.coins[i]?.balance) * share));
      const dy = curveOut(pool, i, 1 - i, dx, true);
      assert.ok(dy !== null);
      const scaled = (whole: bigint, at: number) =>
        at === 0 ? whole * usdc.rate : (whole * pool.priceScale) / 10n ** 18n;
      const [held, paying] = [
        scaled((pool.coins[i]?.balance ?? 0n) + dx, i),
        scaled(pool.coins[1 - i]?.balance ?? 0n, 1 - i),
      ];
      const expected = paying - slowBalance(held, pool.invariant);
      const ratio = Number(scaled(dy, 1 - i)) / Number(expected);
      assert.ok(Math.abs(ratio - 1) < 1e-9, `${ratio} for ${share} of coin ${i} at ${imbalance}`);
      assert.ok(ratio <= 1 + 1e-10, "more than the invariant allows");
    },
  );
  fc.assert(property, { numRuns: 150, seed: 21 });
});

test("the invariant holds at the balances it was computed from", () => {
  const property = fc.property(fc.double({ min: 0.2, max: 5, noNaN: true }), (imbalance) => {
    const [x, y] = [BigInt(Math.round(6e12 * imbalance)) * 10n ** 12n, 6_000_000n * 10n ** 18n];
    const d = cryptoSwapInvariant(SHAPE, [x, y]);
    assert.ok(d !== null);
    const slow = slowBalance(x, d);
    assert.ok(Math.abs(Number(slow) / Number(y) - 1) < 1e-9, `${slow} against ${y}`);
    assert.equal(cryptoSwapInvariant(SHAPE, [y, x]), d, "the order of the coins must not matter");
  });
  fc.assert(property, { numRuns: 100, seed: 22 });
});

test("a balanced pool's invariant is the sum of its values", () => {
  const d = cryptoSwapInvariant(SHAPE, [10n ** 24n, 10n ** 24n]) ?? 0n;
  assert.ok(Math.abs(Number(d) / 2e24 - 1) < 1e-12);
});

test("more is never paid less, and the average price falls with size", () => {
  for (const i of [0, 1]) {
    const pool = cryptoPool(6e6, 2000);
    let [paid, average] = [0n, Number.POSITIVE_INFINITY];
    for (let k = 0; k < 14; k += 1) {
      const dx = BigInt(Math.round(Number(pool.coins[i]?.balance) * 1e-4 * 2 ** k));
      const dy = curveOut(pool, i, 1 - i, dx) ?? assert.fail(`size ${k}`);
      const now = Number(dy) / Number(dx);
      assert.ok(dy > paid && now < average * (1 + 1e-9));
      [paid, average] = [dy, now];
    }
  }
});

test("the fee lies between the middle and the outer one and grows with the imbalance", () => {
  const feeAt = (imbalance: number) => {
    const pool = cryptoPool(6e6 * imbalance, 2000);
    const dx = 10n ** 9n;
    const [gross, net] = [curveOut(pool, 0, 1, dx, true) ?? 0n, curveOut(pool, 0, 1, dx) ?? 0n];
    return Number(gross - net) / Number(gross);
  };
  assert.ok(Math.abs(feeAt(1) / 0.0026 - 1) < 1e-3, String(feeAt(1)));
  assert.ok(feeAt(2) > 0.0044 && feeAt(2) <= 0.0045, String(feeAt(2)));
});

test("while A and gamma move the invariant is computed afresh", () => {
  const pool = cryptoPool(6e6, 2000);
  const stale = { ...pool, invariant: (pool.invariant * 11n) / 10n };
  assert.notEqual(curveOut(stale, 0, 1, 10n ** 9n), curveOut(pool, 0, 1, 10n ** 9n));
  assert.equal(curveOut({ ...stale, isRamping: true }, 0, 1, 10n ** 9n), curveOut(pool, 0, 1, 10n ** 9n));
});

test("what the pool calls unsafe, and what is no pool, is null", () => {
  const pool = cryptoPool(6e6, 2000);
  assert.equal(curveOut(pool, 0, 1, 10n ** 40n), null);
  assert.equal(curveOut(pool, 2, -1, 1n), null);
  assert.equal(curveOut(pool, 0, 1, -1n), null);
  assert.equal(curveOut({ ...pool, priceScale: 0n }, 0, 1, 1n), null);
  assert.equal(curveOut({ ...pool, invariant: 0n }, 0, 1, 1n), null);
  assert.equal(curveOut({ ...pool, coins: pool.coins.slice(0, 1) }, 0, 1, 1n), null);
  assert.equal(cryptoSwapInvariant(SHAPE, [1n, 10n ** 24n]), null);
  assert.equal(cryptoSwapInvariant(SHAPE, [0n, 0n]), null);
});

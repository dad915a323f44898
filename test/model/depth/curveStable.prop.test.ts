import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { stableSwapBalance, stableSwapInvariant } from "../../../keeper/model/depth/curveInvariant.ts";
import { curveOut } from "../../../keeper/model/depth/curveOut.ts";
import { stakedPool, threePool } from "../../support/curve/curvePools.ts";

/** Up to a thousand to one: beyond, at a small A, the iteration may circle by two units, and pools and we refuse. */
const balance = fc.bigInt({ min: 10n ** 23n, max: 10n ** 26n });
const balances = fc.array(balance, { minLength: 2, maxLength: 4 });
const amplification = fc.bigInt({ min: 20n, max: 5000n });

/**
 * The invariant's defining polynomial, exact in integers and without a single division:
 * D^(n+1) + (A n - 1) n^n P D - A n S n^n P, rising in D, zero at the invariant.
 */
function polynomial(xs: readonly bigint[], a: bigint, d: bigint): bigint {
  const n = BigInt(xs.length);
  const sum = xs.reduce((s, x) => s + x, 0n);
  const product = xs.reduce((p, x) => p * x, n ** n);
  return d ** (n + 1n) + (a * n - 1n) * product * d - a * n * sum * product;
}

/** Largest whole D at which the polynomial is not above zero, by bisection: slow, obvious, and not Newton's method. */
function slowInvariant(xs: readonly bigint[], a: bigint): bigint {
  let low = 0n;
  let high = xs.reduce((s, x) => s + x, 0n) + 1n;
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (polynomial(xs, a, middle) <= 0n) low = middle;
    else high = middle;
  }
  return low;
}

/** Least whole y at which the invariant of the balances, y in the place of coin j, is not below `d`. */
function slowBalance(xs: readonly bigint[], a: bigint, d: bigint, j: number): bigint {
  const at = (y: bigint) => xs.map((x, k) => (k === j ? y : x));
  let low = 1n;
  let high = d * 2n;
  while (polynomial(at(high), a, d) > 0n) high *= 2n;
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (polynomial(at(middle), a, d) <= 0n) high = middle;
    else low = middle;
  }
  return high;
}

const leastOf = (xs: readonly bigint[]) => xs.toSorted((a, b) => (a < b ? -1 : 1))[0] ?? 1n;
const apart = (a: bigint, b: bigint) => (a > b ? a - b : b - a);

test("the invariant is the polynomial's root, to a few units in 10^27", () => {
  const property = fc.property(balances, amplification, (xs, a) => {
    const found = stableSwapInvariant(xs, a, 1n);
    assert.ok(found !== null);
    // The iteration rounds each product; extreme imbalance magnifies that by what D weighs against its smallest coin.
    const least = leastOf(xs);
    const allowed = 3n + found / least;
    assert.ok(apart(found, slowInvariant(xs, a)) <= allowed, `${found} against ${slowInvariant(xs, a)}`);
  });
  fc.assert(property, { numRuns: 400, seed: 11 });
});

test("both generations agree on the invariant within the rounding of a product, with and without A's factor", () => {
  const property = fc.property(balances, amplification, (xs, a) => {
    const classic = stableSwapInvariant(xs, a, 1n) ?? 0n;
    const precise = stableSwapInvariant(xs, a * 100n, 100n) ?? 0n;
    const next = stableSwapInvariant(xs, a * 100n, 100n, true) ?? 0n;
    const least = leastOf(xs);
    for (const other of [precise, next]) assert.ok(apart(classic, other) <= 4n + classic / least);
  });
  fc.assert(property, { numRuns: 300, seed: 12 });
});

test("the balance after a sale is the root too, and never less than it by more than rounding", () => {
  const property = fc.property(
    balances,
    amplification,
    fc.double({ min: 1e-6, max: 10, noNaN: true }),
    (xs, a, share) => {
      const d = stableSwapInvariant(xs, a, 1n) ?? 0n;
      const x = (xs[0] ?? 0n) + BigInt(Math.round(Number(xs[0]) * share));
      const y = stableSwapBalance(xs, d, { i: 0, j: 1, x, amplification: a, precision: 1n });
      assert.ok(y !== null);
      const after = xs.map((balance, k) => (k === 0 ? x : balance));
      const slow = slowBalance(after, a, d, 1);
      // c is rounded down once per coin, each time by one part in what it stands at.
      const allowed = 3n + slow / 10n ** 15n;
      assert.ok(apart(y, slow) <= allowed, `${y} against ${slow}`);
    },
  );
  fc.assert(property, { numRuns: 300, seed: 13 });
});

test("known answers: a balanced pool's invariant is its sum, and an empty pool's is zero", () => {
  assert.equal(stableSwapInvariant([10n ** 24n, 10n ** 24n], 100n, 1n), 2n * 10n ** 24n);
  assert.equal(stableSwapInvariant([0n, 0n, 0n], 2000n, 1n), 0n);
  assert.equal(stableSwapInvariant([0n, 10n ** 18n], 2000n, 1n), null);
});

test("a sale and its way back never leave more than was brought", () => {
  const whole = fc.double({ min: 1e4, max: 1e8, noNaN: true });
  const property = fc.property(whole, whole, whole, fc.double({ min: 1e-4, max: 1, noNaN: true }), (a, b, c, share) => {
    const pool = threePool([a, b, c]);
    const dx = BigInt(Math.round(Number(pool.coins[0]?.balance ?? 0n) * share));
    const dy = curveOut(pool, 0, 1, dx) ?? 0n;
    const coins = pool.coins.map((coin, k) => ({
      ...coin,
      balance: coin.balance + (k === 0 ? dx : k === 1 ? -dy : 0n),
    }));
    const back = curveOut({ ...pool, coins }, 1, 0, dy) ?? 0n;
    assert.ok(back <= dx, `${back} for ${dx}`);
  });
  fc.assert(property, { numRuns: 300, seed: 14 });
});

test("more is never paid less, and the average price never rises with size", () => {
  const property = fc.property(fc.double({ min: 0.02, max: 50, noNaN: true }), fc.boolean(), (imbalance, isNext) => {
    const pool = isNext ? stakedPool(1e5, 1e5 * imbalance) : threePool([1e7, 1e7 * imbalance, 1e7]);
    let paid = 0n;
    let average = Number.POSITIVE_INFINITY;
    for (let k = 0; k <= 20; k += 1) {
      const dx = BigInt(Math.round(Number(pool.coins[0]?.balance) * 1e-4 * 2 ** k));
      const dy = curveOut(pool, 0, 1, dx) ?? assert.fail();
      // The fee of the next generation still grows when there is hardly anything left to pay.
      assert.ok(Number(dy) >= Number(paid) * (isNext ? 1 - 1e-4 : 1));
      const now = Number(dy) / Number(dx);
      assert.ok(now <= average * (1 + 1e-6), `${now} above ${average}`);
      [paid, average] = [dy, now];
    }
    assert.ok(paid < (pool.coins[1]?.balance ?? 0n), "a pool never pays all it has");
  });
  fc.assert(property, { numRuns: 100, seed: 15 });
});

test("off the peg the fee of the next generation grows to its multiple, and at the peg it is the base fee", () => {
  const fee = (pool: ReturnType<typeof stakedPool>) => {
    const dx = 10n ** 18n;
    const [gross, net] = [curveOut(pool, 0, 1, dx, true) ?? 0n, curveOut(pool, 0, 1, dx) ?? 0n];
    return Number(gross - net) / Number(gross);
  };
  assert.ok(Math.abs(fee(stakedPool(1e5, 1e5)) / 1e-4 - 1) < 1e-3);
  const off = fee(stakedPool(1e6, 1e3));
  assert.ok(off > 4.9e-4 && off <= 5e-4, String(off));
});

test("impossible requests are null, as the pool would revert", () => {
  const pool = threePool([1e6, 1e6, 1e6]);
  assert.equal(curveOut(pool, 0, 0, 1n), null);
  assert.equal(curveOut(pool, 0, 3, 1n), null);
  assert.equal(curveOut(pool, 0, 1, -1n), null);
  assert.equal(curveOut(threePool([0, 1e6, 1e6]), 1, 2, 10n), null);
});

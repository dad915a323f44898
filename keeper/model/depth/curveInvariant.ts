/** Newton's method of the pools stops by itself within a few rounds; they give up after this many. */
const MAX_ROUNDS = 255;

/**
 * Invariant D of scaled balances, by the integer Newton iteration of Curve's pools: A n^n S + D = A D n^n + D^(n+1) /
 * (n^n prod x) (Egorov 2019), rounded as they do, to the last digit. 0 for an empty pool, null where it does not converge or a
 * coin is missing.
 * @param balances scaled to 18 decimals  @param amplification A in units of 1 / precision
 * @param isNextGeneration whether the product is divided by n^n at its end, as StableSwap-NG does
 * @example stableSwapInvariant([10n ** 24n, 10n ** 24n], 100n, 1n) // 2n * 10n ** 24n
 */
export function stableSwapInvariant(
  balances: readonly bigint[],
  amplification: bigint,
  precision: bigint,
  isNextGeneration = false,
): bigint | null {
  const count = BigInt(balances.length);
  const sum = balances.reduce((total, x) => total + x, 0n);
  if (sum === 0n) return 0n;
  if (balances.some((x) => x <= 0n)) return null;
  const ann = amplification * count;
  let invariant = sum;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const product = isNextGeneration
      ? balances.reduce((p, x) => (p * invariant) / x, invariant) / count ** count
      : balances.reduce((p, x) => (p * invariant) / (x * count), invariant);
    const before = invariant;
    invariant =
      (((ann * sum) / precision + product * count) * invariant) /
      (((ann - precision) * invariant) / precision + (count + 1n) * product);
    if (near(invariant, before)) return invariant;
  }
  return null;
}

/**
 * Scaled balance of coin `j` that keeps the invariant once coin `i` is at `x`: the larger root of
 * y^2 + (S + D/Ann - D) y = D^(n+1) / (n^2n prod A), by the pools' own iteration. Null where it does not converge.
 */
export function stableSwapBalance(
  balances: readonly bigint[],
  invariant: bigint,
  { i, j, x, amplification, precision }: { i: number; j: number; x: bigint; amplification: bigint; precision: bigint },
): bigint | null {
  const count = BigInt(balances.length);
  const ann = amplification * count;
  let sum = 0n;
  let c = invariant;
  for (const [at, balance] of balances.entries()) {
    if (at === j) continue;
    const other = at === i ? x : balance;
    if (other <= 0n) return null;
    sum += other;
    c = (c * invariant) / (other * count);
  }
  c = (c * invariant * precision) / (ann * count);
  const b = sum + (invariant * precision) / ann;
  let y = invariant;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const before = y;
    y = (y * y + c) / (2n * y + b - invariant);
    if (near(y, before)) return y;
  }
  return null;
}

function near(a: bigint, b: bigint): boolean {
  return a - b <= 1n && b - a <= 1n;
}

export const E18 = 10n ** 18n;
/** A carries this factor and n^n. */
const A_MULTIPLIER = 10_000n;
export const COINS = 2n;
const MAX_UINT256 = 2n ** 256n - 1n;

/** A and gamma of a pool, as it stores them. */
type Shape = { readonly amplification: bigint; readonly gamma: bigint };

/**
 * Scaled balance of coin `j` that keeps the invariant of a CryptoSwap pool (Egorov 2021: K D^(n-1) S + P = K D^n + (D/n)^n,
 * K = A K0 gamma^2 / (gamma + 1 - K0)^2), by the pools' own integer Newton iteration. Null where the pool would revert: it
 * does not converge, or the balances are outside of what the pool calls safe.
 * @param x scaled balances, 18 decimals, the other coin already at its new value
 */
export function cryptoSwapBalance(
  { amplification, gamma }: Shape,
  x: readonly [bigint, bigint],
  invariant: bigint,
  j: 0 | 1,
): bigint | null {
  const other = x[j === 0 ? 1 : 0];
  if (!(invariant >= 10n ** 17n && invariant <= 10n ** 33n) || other <= 0n) return null;
  let y = invariant ** 2n / (other * COINS ** 2n);
  const half = (E18 * COINS * other) / invariant;
  if (!(half >= 10n ** 16n * COINS && half <= 10n ** 20n * COINS)) return null;
  const limit = max(max(other / 10n ** 14n, invariant / 10n ** 14n), 100n);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const before = y;
    const k0 = (half * y * COINS) / invariant;
    const sum = other + y;
    const g1k0 = distance(gamma + E18, k0) + 1n;
    const mul1 = firstTerm(invariant, g1k0, amplification, gamma);
    const mul2 = E18 + (2n * E18 * k0) / g1k0;
    const gross = E18 * y + sum * mul2 + mul1;
    if (gross > MAX_UINT256) return null;
    if (gross < invariant * mul2) {
      y = before / 2n;
      continue;
    }
    const yfprime = gross - invariant * mul2;
    const fprime = y === 0n ? 0n : yfprime / y;
    if (fprime === 0n || k0 === 0n) return null;
    const plus = (yfprime + E18 * invariant) / fprime + ((mul1 / fprime) * E18) / k0;
    const minus = mul1 / fprime + (E18 * sum) / fprime;
    y = plus < minus ? before / 2n : plus - minus;
    if (distance(y, before) < max(limit, y / 10n ** 14n)) return isSafe((y * E18) / invariant) ? y : null;
  }
  return null;
}

/** Invariant D of scaled balances, by the same iteration; null where the pool would revert. */
export function cryptoSwapInvariant(
  { amplification, gamma }: Shape,
  balances: readonly [bigint, bigint],
): bigint | null {
  const [a, b] = balances;
  const [high, low] = a < b ? [b, a] : [a, b];
  if (!(high >= 10n ** 9n && high <= 10n ** 33n) || (low * E18) / high < 10n ** 14n) return null;
  const mean = geometricMean(high, low);
  if (mean === null) return null;
  const sum = high + low;
  let invariant = COINS * mean;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const before = invariant;
    if (before <= 0n) return null;
    const k0 = (((E18 * COINS ** 2n * high) / before) * low) / before;
    if (k0 === 0n) return null;
    const g1k0 = distance(gamma + E18, k0) + 1n;
    const mul1 = firstTerm(before, g1k0, amplification, gamma);
    const mul2 = (2n * E18 * COINS * k0) / g1k0;
    const slope = sum + (sum * mul2) / E18 + (mul1 * COINS) / k0 - (mul2 * before) / E18;
    if (slope <= 0n) return null;
    const plus = (before * (slope + sum)) / slope;
    const step = (((before * (mul1 / slope)) / E18) * distance(E18, k0)) / k0;
    const minus = (before * before) / slope + (E18 > k0 ? step : -step);
    invariant = plus > minus ? plus - minus : (minus - plus) / 2n;
    if (distance(invariant, before) * 10n ** 14n < max(10n ** 16n, invariant)) {
      return [high, low].every((x) => isSafe((x * E18) / invariant)) ? invariant : null;
    }
  }
  return null;
}

/** D / (A n^n) (gamma + 1 - K0)^2 / gamma^2, rounded step by step as the pools do. */
function firstTerm(invariant: bigint, g1k0: bigint, amplification: bigint, gamma: bigint): bigint {
  return (((((E18 * invariant) / gamma) * g1k0) / gamma) * g1k0 * A_MULTIPLIER) / amplification;
}

function geometricMean(high: bigint, low: bigint): bigint | null {
  let mean = high;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const before = mean;
    mean = (mean + (high * low) / mean) / COINS;
    const moved = distance(mean, before);
    if (moved <= 1n || moved * E18 < mean) return mean;
  }
  return null;
}

/** A balance between 1 % and 100 times of the invariant. */
function isSafe(share: bigint): boolean {
  return share >= 10n ** 16n && share <= 10n ** 20n;
}

function distance(a: bigint, b: bigint): bigint {
  return a > b ? a - b : b - a;
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

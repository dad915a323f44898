import type { StableSwapPool } from "../../domain/observation.ts";

/** Newton's method of the pools stops by itself within a few rounds; they give up after this many. */
const MAX_ROUNDS = 255;
const RATE_PRECISION = 10n ** 18n;
const FEE_PRECISION = 10n ** 10n;

/**
 * Invariant D of scaled balances, by the integer Newton iteration of Curve's pools: A n^n S + D = A D n^n + D^(n+1) /
 * (n^n prod x) (Egorov 2019). Rounds where and how they round, to the last digit. 0 for an empty pool, null where it does
 * not converge or a coin is missing.
 * @param balances scaled to 18 decimals
 * @param amplification A in units of 1 / precision
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
 * Scaled balance of coin `j` that keeps the invariant once coin `i` stands at `x`: the larger root of
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

/**
 * Raw units of coin `j` that the pool pays for `dx` raw units of coin `i`, after its fee: `get_dy`, equal to the wei.
 * Null where the pool would revert. `feeless` leaves the fee out.
 *
 * StableSwap-NG takes the fee before the rates and makes it grow with the imbalance; 3pool and its kind take it after.
 */
export function stableSwapOut(pool: StableSwapPool, i: number, j: number, dx: bigint, feeless = false): bigint | null {
  const { coins, amplification, amplificationPrecision: precision, isNextGeneration } = pool;
  const [from, to] = [coins[i], coins[j]];
  if (from === undefined || to === undefined || i === j || dx < 0n) return null;
  const balances = coins.map((coin) => (coin.balance * coin.rate) / RATE_PRECISION);
  const [held, paying] = [balances[i] ?? 0n, balances[j] ?? 0n];
  const x = held + (dx * from.rate) / RATE_PRECISION;
  const invariant = stableSwapInvariant(balances, amplification, precision, isNextGeneration);
  const y = invariant === null ? null : stableSwapBalance(balances, invariant, { i, j, x, amplification, precision });
  if (y === null || paying - y - 1n < 0n) return null;
  const gross = paying - y - 1n;
  const fee = feeless ? 0n : pool.fee;
  if (!isNextGeneration) {
    const dy = (gross * RATE_PRECISION) / to.rate;
    return dy - (fee * dy) / FEE_PRECISION;
  }
  const dynamic = offpegFee(fee, pool.offpegFeeMultiplier, (held + x) / 2n, (paying + y) / 2n);
  return ((gross - (dynamic * gross) / FEE_PRECISION) * RATE_PRECISION) / to.rate;
}

function offpegFee(fee: bigint, multiplier: bigint, x: bigint, y: bigint): bigint {
  if (multiplier <= FEE_PRECISION) return fee;
  const balance = ((multiplier - FEE_PRECISION) * 4n * x * y) / (x + y) ** 2n;
  return (multiplier * fee) / (balance + FEE_PRECISION);
}

function near(a: bigint, b: bigint): boolean {
  return a - b <= 1n && b - a <= 1n;
}

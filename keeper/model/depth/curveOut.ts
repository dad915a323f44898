import { type Fault, fault } from "../../domain/fault.ts";
import type { CryptoSwapPool, StableSwapPool } from "../../domain/observation.ts";
import {
  COINS,
  cryptoSwapBalance,
  cryptoSwapInvariant,
  E18,
  stableSwapBalance,
  stableSwapInvariant,
} from "./curveInvariant.ts";

/** A Curve pool of either kind. */
export type CurvePool = StableSwapPool | CryptoSwapPool;

const RATE_PRECISION = 10n ** 18n;
const FEE_PRECISION = 10n ** 10n;

/** Raw units of coin `j` for `dx` raw units of coin `i`, as the pool's `get_dy`; null where it would revert. */
export function curveOut(pool: CurvePool, i: number, j: number, dx: bigint, feeless = false): bigint | null {
  if (pool.kind === "stableSwapPool") return stableSwapOut(pool, i, j, dx, feeless);
  return i + j === 1 ? cryptoSwapOut(pool, i, dx, feeless) : null;
}

/**
 * The fault of a pool whose own answers differ from ours by more than one raw unit, or that gave none: its code is another
 * generation's, its rates are not what they seem, or it was read across two blocks. Null when all agree. One unit is left
 * because pools between the generations take their fee before the rates, which rounds in another place.
 */
export function curveProbeFault(pool: CurvePool): Fault | null {
  if (pool.probes.length === 0) return fault("EMPTY", pool.source, "the pool answered no get_dy to be held against");
  for (const { i, j, dx, dy } of pool.probes) {
    const ours = curveOut(pool, i, j, dx);
    if (ours !== null && ours - dy <= 1n && dy - ours <= 1n) continue;
    return fault("INCONSISTENT", pool.source, `get_dy(${i}, ${j}, ${dx}) is ${dy}, its state gives ${ours}`);
  }
  return null;
}

/**
 * Raw units of coin `j` that the pool pays for `dx` raw units of coin `i`, after its fee: `get_dy`, equal to the wei.
 * Null where the pool would revert. `feeless` leaves the fee out.
 *
 * StableSwap-NG takes the fee before the rates and makes it grow with the imbalance; 3pool and its kind take it after.
 */
function stableSwapOut(pool: StableSwapPool, i: number, j: number, dx: bigint, feeless = false): bigint | null {
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

/**
 * Raw units of the other coin that a CryptoSwap pool pays for `dx` raw units of coin `i`, after its fee: `get_dy`, equal to
 * the wei. Null where the pool would revert. `feeless` leaves the fee out.
 */
function cryptoSwapOut(pool: CryptoSwapPool, i: number, dx: bigint, feeless = false): bigint | null {
  const [first, second] = pool.coins;
  if (first === undefined || second === undefined || pool.coins.length !== 2 || (i !== 0 && i !== 1) || dx < 0n)
    return null;
  const scale = pool.priceScale * second.rate;
  if (scale === 0n) return null;
  const scaled = (a: bigint, b: bigint): [bigint, bigint] => [a * first.rate, (b * scale) / E18];
  const invariant = pool.isRamping
    ? cryptoSwapInvariant(pool, [first.balance * first.rate, (second.balance * second.rate * pool.priceScale) / E18])
    : pool.invariant;
  if (invariant === null) return null;
  const xp = scaled(first.balance + (i === 0 ? dx : 0n), second.balance + (i === 1 ? dx : 0n));
  const j = i === 0 ? 1 : 0;
  const y = cryptoSwapBalance(pool, xp, invariant, j);
  if (y === null || xp[j] - y - 1n < 0n) return null;
  const gross = xp[j] - y - 1n;
  xp[j] = y;
  const dy = j === 1 ? (gross * E18) / scale : gross / first.rate;
  return feeless ? dy : dy - (cryptoSwapFee(pool, xp) * dy) / FEE_PRECISION;
}

/** Fee after the trade, 10^-10: between the middle and the outer one, by how unequal the balances are. */
function cryptoSwapFee(pool: CryptoSwapPool, [a, b]: readonly [bigint, bigint]): bigint {
  const sum = a + b;
  const unequal = (((E18 * COINS ** COINS * a) / sum) * b) / sum;
  const share = (pool.feeGamma * E18) / (pool.feeGamma + E18 - unequal);
  return (pool.midFee * share + pool.outFee * (E18 - share)) / E18;
}

import { requireAmount, requireRange } from "../numerics/requireRange.ts";

/** Decay of RiskMetrics for daily data (J.P. Morgan/Reuters, RiskMetrics Technical Document, 1996). */
export const DAILY_DECAY = 0.94;

/**
 * Next variance of an exponentially weighted average: `decay * variance + (1 - decay) * squaredReturn`, in the unit of
 * the inputs. Source: Hull, Options, Futures, and Other Derivatives, 23.2.
 * @example Math.sqrt(ewmaVariance(0.01 ** 2, 0.02 ** 2, 0.9)) // 0.011402
 */
export function ewmaVariance(variance: number, squaredReturn: number, decay: number): number {
  requireRange("decay", decay, 0, 1);
  return decay * requireAmount("variance", variance) + (1 - decay) * requireAmount("squaredReturn", squaredReturn);
}

/**
 * Exponentially weighted mean of variances, oldest first; null entries are days without data and are passed over. The
 * first `SEED_DAYS` values found seed the average by their plain mean. Null when there are fewer than `SEED_DAYS`.
 * @example ewmaOfVariances(Array(10).fill(0.0004)) // 0.0004
 */
export function ewmaOfVariances(variances: readonly (number | null)[], decay = DAILY_DECAY): number | null {
  const known = variances.filter((value) => value !== null);
  if (known.length < SEED_DAYS) return null;
  const seed = known.slice(0, SEED_DAYS).reduce((sum, value) => sum + value, 0) / SEED_DAYS;
  return known.slice(SEED_DAYS).reduce((variance, value) => ewmaVariance(variance, value, decay), seed);
}

/** Days whose mean starts an average. */
export const SEED_DAYS = 7;

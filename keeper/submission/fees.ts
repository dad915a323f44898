import { TonsorError } from "../domain/errors.ts";

/** Limits on what a transaction may cost, wei per gas. */
export type FeeLimits = {
  /** Absolute cap on what is ever offered. */
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
};

/**
 * Returns the EIP-1559 fees to offer, wei per gas: room for the base fee to double (six full blocks), never above the cap.
 * @throws TonsorError `FEE_CAP_EXCEEDED` when the present base fee and tip do not fit below the cap.
 * @example chooseFees(10n, { maxFeePerGas: 100n, maxPriorityFeePerGas: 2n }) // { maxFeePerGas: 22n, maxPriorityFeePerGas: 2n }
 */
export function chooseFees(baseFee: bigint, limits: FeeLimits): FeeLimits {
  const { maxPriorityFeePerGas } = limits;
  const needed = baseFee + maxPriorityFeePerGas;
  if (needed > limits.maxFeePerGas) {
    throw new TonsorError("FEE_CAP_EXCEEDED", "the network asks more than the cap, wei per gas", {
      given: needed,
      expected: `<= ${limits.maxFeePerGas}`,
    });
  }
  const roomy = 2n * baseFee + maxPriorityFeePerGas;
  return { maxFeePerGas: smaller(roomy, limits.maxFeePerGas), maxPriorityFeePerGas };
}

/**
 * Returns the fees with which a transaction takes the place of one of the same nonce, wei per gas; null when the cap
 * does not allow them. Both fields rise by `bumpPercent`, rounded up, and by at least 1 wei (geth wants strictly more
 * of both), and reach what `chooseFees` would offer now, as far as the cap allows. The cap bounds both fields.
 * @example raiseFees({ maxFeePerGas: 41n, maxPriorityFeePerGas: 1n }, 400n, { maxFeePerGas: 500n, maxPriorityFeePerGas: 1n }, 12.5)
 * // { maxFeePerGas: 500n, maxPriorityFeePerGas: 2n }
 */
export function raiseFees(last: FeeLimits, baseFee: bigint, limits: FeeLimits, bumpPercent: number): FeeLimits | null {
  const maxPriorityFeePerGas = larger(raised(last.maxPriorityFeePerGas, bumpPercent), limits.maxPriorityFeePerGas);
  const least = larger(raised(last.maxFeePerGas, bumpPercent), baseFee + maxPriorityFeePerGas);
  if (least > limits.maxFeePerGas) return null;
  const roomy = larger(least, 2n * baseFee + maxPriorityFeePerGas);
  return { maxFeePerGas: smaller(roomy, limits.maxFeePerGas), maxPriorityFeePerGas };
}

/** Percent are counted in thousandths, rounded up, so that the arithmetic stays whole. */
function raised(value: bigint, percent: number): bigint {
  const scale = 100_000n;
  const grown = (value * (scale + BigInt(Math.ceil(percent * 1_000))) + scale - 1n) / scale;
  return larger(grown, value + 1n);
}

export const larger = (a: bigint, b: bigint): bigint => (a > b ? a : b);
const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b);

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
  return { maxFeePerGas: roomy < limits.maxFeePerGas ? roomy : limits.maxFeePerGas, maxPriorityFeePerGas };
}

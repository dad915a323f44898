import type { FeeLimits } from "./fees.ts";

/** What a batch uses when none has been sent yet. */
const USUAL_GAS = 150_000n;

/**
 * Returns how many batches a balance still pays for, whole ones, at twice the present base fee and never above the cap:
 * what the next one is asked to have in hand.
 * @example fundsLeft(10n ** 18n, { gasLimit: 100_000n, baseFee: 10n ** 9n }, limits) // 333 with a tip of 1 gwei
 */
export function fundsLeft(
  balance: bigint,
  { gasLimit = USUAL_GAS, baseFee }: { readonly gasLimit?: bigint; readonly baseFee: bigint },
  { maxFeePerGas, maxPriorityFeePerGas }: FeeLimits,
): number {
  const roomy = 2n * baseFee + maxPriorityFeePerGas;
  const fee = roomy < maxFeePerGas ? roomy : maxFeePerGas;
  const cost = gasLimit * (fee > 0n ? fee : 1n);
  return Number(balance / cost);
}

/** What to say about a balance that pays for few batches, or null. Below one batch nothing is signed. */
export function fundsWarning(account: string, batches: number, warnBelow: number): string | null {
  if (batches >= warnBelow) return null;
  const stops = batches < 1 ? "nothing can be sent" : `nothing is sent below one`;
  return `low balance: ${account} pays for ${batches} more batches, warned below ${warnBelow}; ${stops}. Fund it`;
}

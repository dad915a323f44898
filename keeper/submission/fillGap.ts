import type { Intent } from "../domain/intent.ts";
import { attempt, type Draft, type SendContext } from "./attempt.ts";
import { chooseFees, type FeeLimits, larger } from "./fees.ts";

/**
 * Uses a nonce that nothing open has, below one that something open has: a reorganisation took its transaction back, and
 * its deadline passed before it could land again. Everything above waits for it. The offer is at least what the waiting
 * ones offer, for the forgotten transaction may still be in a pool.
 * @throws TonsorError as `attempt` does, and `FEE_CAP_EXCEEDED`
 */
export async function fillGap(draft: Draft, nonce: number, context: SendContext): Promise<Intent> {
  const { baseFee } = await context.door.latestBlock();
  const fresh = chooseFees(baseFee, context.fees);
  const waiting = context.journal.openIntents();
  const least = (field: keyof FeeLimits) => waiting.map((one) => one[field]).reduce(larger, fresh[field]);
  const bumped = (value: bigint) => (value * 9n + 7n) / 8n;
  const maxPriorityFeePerGas = bumped(least("maxPriorityFeePerGas"));
  const wanted = larger(bumped(least("maxFeePerGas")), maxPriorityFeePerGas);
  const cap = context.fees.maxFeePerGas;
  const fees = wanted <= cap ? { maxFeePerGas: wanted, maxPriorityFeePerGas } : { ...fresh, maxFeePerGas: cap };
  return await attempt(draft, { nonce, fees, replaces: null }, context);
}

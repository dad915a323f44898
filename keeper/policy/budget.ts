import type { OnChainMarket } from "../domain/decision.ts";

const DAY = 86_400n;
const NANO = 1_000_000_000n;

/**
 * Loosening budget left at `now`, in 1e-9 bp: a bucket that holds half of the daily budget and refills by the other half
 * each 24 h, rounded down, exactly as `LooseningBudget.sol` computes it.
 */
export function budgetAvailableNanoBps(
  market: Pick<OnChainMarket, "budgetNanoBps" | "budgetTime" | "limits">,
  now: number,
): bigint {
  const capacity = (BigInt(market.limits.looseningBudgetBpsPerDay) * NANO) / 2n;
  const elapsed = BigInt(Math.max(0, now - market.budgetTime));
  const filled = market.budgetNanoBps + (capacity * elapsed) / DAY;
  return filled < capacity ? filled : capacity;
}

/** The same in whole basis points, rounded down. */
export function budgetAvailableBps(
  market: Pick<OnChainMarket, "budgetNanoBps" | "budgetTime" | "limits">,
  now: number,
): number {
  return Number(budgetAvailableNanoBps(market, now) / NANO);
}

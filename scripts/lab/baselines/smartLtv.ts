import { requireAmount, requireRange } from "../../../keeper/domain/errors.ts";

/**
 * Loan-to-value by the SmartLTV formula, a fraction >= 0: `exp(-c s / sqrt(l / d)) - b`. The baseline that our haircut
 * is compared with: depth inside the haircut, where ours has it in the exposure limit. Zero liquidity: 0.
 * Source: Warwick & Yagil (RiskDAO, B.Protocol), "SmartLTV" (2023).
 * @param liquidityUsd l, sellable at slippage b  @param debtCapUsd d  @param volatility s, daily fraction
 * @param bonus b, fraction  @param confidence c, risk-level factor
 * @example smartLtv(1e6, 2e5, 0.1, 0.05, 3) // 0.82444657
 */
export function smartLtv(
  liquidityUsd: number,
  debtCapUsd: number,
  volatility: number,
  bonus: number,
  confidence: number,
): number {
  requireAmount("liquidityUsd", liquidityUsd);
  requireAmount("debtCapUsd", debtCapUsd);
  requireAmount("volatility", volatility);
  requireRange("bonus", bonus, 0, 1);
  requireAmount("confidence", confidence);
  if (liquidityUsd === 0) return 0;
  return Math.max(0, Math.exp((-confidence * volatility) / Math.sqrt(liquidityUsd / debtCapUsd)) - bonus);
}

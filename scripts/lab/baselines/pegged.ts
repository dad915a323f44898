import { requireAmount, requireRange } from "../../../keeper/domain/errors.ts";

/** What a pegged or staked collateral can lose beside the asset it is a claim on; fractions. */
type ClaimRisk = {
  /** d_depeg: loss of the market price against the claim. */
  readonly depeg: number;
  /** d_slash: loss of the claim itself (slashing, a bridge or an issuer short of backing). */
  readonly slash: number;
};

/**
 * Haircut of a claim on another asset, a fraction: `1 - (1 - h_base)(1 - d_depeg)(1 - d_slash)`. The three losses
 * multiply, as each takes its share of what the others left.
 * @example peggedHaircut(0.2, { depeg: 0.05, slash: 0.01 }) // 0.2476
 */
export function peggedHaircut(baseHaircut: number, { depeg, slash }: ClaimRisk): number {
  requireRange("baseHaircut", baseHaircut, 0, 1);
  requireRange("depeg", depeg, 0, 1);
  requireRange("slash", slash, 0, 1);
  return 1 - (1 - baseHaircut) * (1 - depeg) * (1 - slash);
}

/**
 * Horizon in hours of a redeemable claim: the market's, or the redemption queue's when the market discount exceeds the
 * liquidation bonus. Then no liquidator makes a profit by selling, and the way out is to redeem.
 * @example peggedHorizonHours(24, 0.07, 0.05, 120) // 120
 */
export function peggedHorizonHours(
  marketHours: number,
  discount: number,
  bonus: number,
  redemptionQueueHours: number,
): number {
  requireAmount("marketHours", marketHours);
  requireRange("discount", discount, 0, 1);
  requireAmount("bonus", bonus);
  requireAmount("redemptionQueueHours", redemptionQueueHours);
  return discount > bonus ? Math.max(marketHours, redemptionQueueHours) : marketHours;
}

import { CascadeMarket } from "../../../scripts/lab/market/cascadeMarket.ts";
import type { CollateralSettings, Terms } from "../../../scripts/lab/market/collateralMarket.ts";
import { constantProduct, type DepthCurve, Pool } from "../../../scripts/lab/market/pool.ts";

export const TOKEN = 1_000_000;
export const USD = 100;

/** A calm collateral: a feed that never lags, no gas, no fees, half of a debt a call. */
export function collateral(changes: Partial<CollateralSettings> = {}): CollateralSettings {
  return {
    name: "ETH",
    pool: 0,
    poolTokens: 1,
    impactShare: 0,
    oracle: { deviation: 0, heartbeatSteps: 0, latencySteps: 0 },
    liquidation: {
      bonus: 0.05,
      closeFactor: 0.5,
      fullCloseBelowHealth: 0.95,
      fullCloseBelowUsd: 0,
      gasUsd: 0,
      flashFee: 0,
    },
    ...changes,
  };
}

export const TERMS: Terms = { ltv: 0.8, threshold: 0.83, limit: Number.POSITIVE_INFINITY };

/** A lender with one collateral at 1 000 USD in a pool that is never refilled. */
export function lender(
  changes: Partial<CollateralSettings> = {},
  curve: DepthCurve = constantProduct(1e9, 0),
  capitalUsd = Number.POSITIVE_INFINITY,
): CascadeMarket {
  const settings = [collateral(changes)];
  const pools = [new Pool(curve, Number.POSITIVE_INFINITY)];
  return new CascadeMarket(settings, pools, [1_000], [TERMS], { capitalUsd, settlementSteps: 0 });
}

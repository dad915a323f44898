import type { MarketHistory, OnChainLimits, OnChainMarket } from "../../keeper/domain/decision.ts";

/** Limits of a calm major: the numbers most tests start from. */
export const CALM_LIMITS: OnChainLimits = {
  minInitialBps: 500,
  maxInitialBps: 6_000,
  minMaintenanceBps: 500,
  maxMaintenanceBps: 5_000,
  minGapBps: 300,
  liquidationBonusBps: 500,
  maxLooseningStepBps: 200,
  looseningBudgetBpsPerDay: 200,
  tightenSpeedBpsPerDay: 150,
  loosenSpeedBpsPerDay: 100,
  staleInitialCapBps: 9_500,
  ttlSeconds: 86_400,
  decaySeconds: 86_400,
  maxAgeSeconds: 21_600,
};

/** A calm market on chain at `time`: initial 22 %, maintenance 19 %, nothing in flight. */
export function calmMarket(time: number, change: Partial<OnChainMarket> = {}): OnChainMarket {
  return {
    marketId: 1,
    initialBps: 2_200,
    maintenanceBps: 1_900,
    mode: "NORMAL",
    storedInitialBps: 2_200,
    maintenanceTargetBps: 1_900,
    maintenanceNanoBps: 1_900_000_000_000n,
    maintenanceTime: time - 3_600,
    asOf: time - 3_600,
    budgetNanoBps: 200_000_000_000n,
    budgetTime: time - 3_600,
    limits: CALM_LIMITS,
    pending: null,
    ...change,
  };
}

/** A market of which the keeper remembers nothing. */
export const NO_HISTORY: MarketHistory = {
  depth: [],
  lastImplied: null,
  lastVolatility: [],
  lastDepth: null,
  lastBreaker: null,
  lastLoosening: null,
  initials: [],
};

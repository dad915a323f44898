import type { OnChainLimits } from "../../keeper/domain/decision.ts";

/** Limits of the tests that walk keeper and contract through the same rules. */
export const SAMPLE_LIMITS: OnChainLimits = {
  minInitialBps: 1_000,
  maxInitialBps: 9_000,
  minMaintenanceBps: 300,
  maxMaintenanceBps: 8_500,
  minGapBps: 200,
  liquidationBonusBps: 500,
  maxLooseningStepBps: 80,
  looseningBudgetBpsPerDay: 200,
  tightenSpeedBpsPerDay: 150,
  loosenSpeedBpsPerDay: 50,
  staleInitialCapBps: 10_000,
  ttlSeconds: 21_600,
  decaySeconds: 86_400,
  maxAgeSeconds: 3_600,
};

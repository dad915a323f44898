import {
  type ContractLimits,
  type DoorState,
  MOST_CONFIDENCE,
  type ProfileValues,
} from "../../keeper/domain/contract.ts";
import type { MarketHistory, OnChainMarket } from "../../keeper/domain/decision.ts";

/** Limits of a calm major: the numbers most tests start from. */
export const CALM_LIMITS: ContractLimits = {
  minInitialBps: 500,
  maxInitialBps: 6_000,
  minMaintenanceBps: 500,
  maxMaintenanceBps: 5_000,
  minGapBps: 300,
  liquidationBonusBps: 500,
  maxLooseningStepBps: 200,
  looseningBudgetBpsPerDay: 200,
  quorumLooseningStepBps: 400,
  quorumLooseningBudgetBpsPerDay: 400,
  maxAgeSeconds: 21_600,
  probed: false,
};

export const CALM_PROFILE: ProfileValues = {
  tightenSpeedBpsPerDay: 150,
  loosenSpeedBpsPerDay: 100,
  ttlSeconds: 86_400,
  decaySeconds: 86_400,
  staleInitialCapBps: 9_500,
};

/** Nothing spent of an aggregate budget that stands in nobody's way. */
export const CALM_DOOR: DoorState = {
  sequence: 41,
  generation: 2,
  window: 12_000,
  spentBps: 0,
  aggregateBps: 1_000,
  quorumAggregateBps: 2_000,
  tightenOnly: false,
};

/** A calm market on chain at `time`: initial 22 %, maintenance 19 %, an hour old, nothing in flight. */
export function calmMarket(time: number, change: Partial<OnChainMarket> = {}): OnChainMarket {
  return {
    marketId: 1,
    initialBps: 2_200,
    maintenanceBps: 1_900,
    mode: "NORMAL",
    modeUntil: 0,
    storedInitialBps: 2_200,
    maintenanceTargetBps: 1_900,
    asOf: time - 3_600,
    confidence: MOST_CONFIDENCE,
    sources: 55,
    classId: 0,
    spentBps: 0,
    limits: CALM_LIMITS,
    profile: CALM_PROFILE,
    door: CALM_DOOR,
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

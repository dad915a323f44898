import { type ContractLimits, limitOf, MOST_CONFIDENCE, type Writer } from "../../keeper/domain/contract.ts";
import type { OnChainMarket } from "../../keeper/domain/decision.ts";
import { RISK_CLASSES } from "../../keeper/markets/limits.ts";
import { CALM_LIMIT } from "./entries.ts";

export { NO_HISTORY } from "../../keeper/domain/decision.ts";

/** Limits of a calm major, which most tests start from: the deployed ones, with wider bounds. */
export const CALM_LIMITS: ContractLimits = {
  ...RISK_CLASSES.major.limits,
  ...{ minInitialBps: 500, maxInitialBps: 6_000, minMaintenanceBps: 500, maxMaintenanceBps: 5_000 },
};

/** A hot key that has spent nothing of an aggregate budget that stands in nobody's way. */
export const CALM_WRITER: Writer = {
  account: "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
  power: "HOT",
  sequence: 41,
  window: 12_000,
  spentBps: 0,
  refusedBps: 0,
  aggregateBps: 1_000,
  tripBps: 2_000,
  tightenOnly: false,
  haltedUntil: 0,
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
    limit: CALM_LIMIT,
    lowestLimit: limitOf(1_200),
    highestLimit: limitOf(36_000),
    asOf: time - 3_600,
    heldUntil: 0,
    confidence: MOST_CONFIDENCE,
    sources: 55,
    classId: 0,
    generation: 16,
    spentBps: 0,
    raised: 0,
    limits: CALM_LIMITS,
    classHeldUntil: 0,
    writer: CALM_WRITER,
    pending: null,
    ...change,
  };
}

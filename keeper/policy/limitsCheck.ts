import type { ContractLimits } from "../domain/contract.ts";

/** A field that breaks a rule, the value given and the nearest allowed: the contract's BadLimits. */
type Problem = { readonly what: keyof ContractLimits; readonly given: number; readonly allowed: number };

/** What 13, 12, 8 and 6 bits hold. */
const MAX_13 = 8_191;
const MAX_12 = 4_095;
const MAX_8 = 255;
const MAX_6 = 63;

/** Lowest maintenance with (1 - maintenance)(1 + bonus) < 1, bps. @example lowestMaintenance(500) // 477 */
export function lowestMaintenance(bonusBps: number): number {
  return Math.floor((10_000 * bonusBps) / (10_000 + bonusBps)) + 1;
}

/** What the contract would refuse of a class's limits, the first of its rules broken; null when nothing. */
export function limitsProblem(limits: ContractLimits): Problem | null {
  type Field = keyof ContractLimits;
  const atMost = (what: Field, allowed: number): Problem | null =>
    limits[what] > allowed ? { what, given: limits[what], allowed } : null;
  const atLeast = (what: Field, allowed: number): Problem | null =>
    limits[what] < allowed ? { what, given: limits[what], allowed } : null;
  // The contract compares ttl and maxAge in minutes.
  const ttl = limits.ttlHours * 60;
  const tooShort: Problem | null =
    ttl < limits.maxAgeMinutes ? { what: "ttlHours", given: ttl, allowed: limits.maxAgeMinutes } : null;
  return (
    atMost("maxInitialBps", 10_000) ??
    atMost("minInitialBps", limits.maxInitialBps) ??
    atLeast("minInitialBps", 1) ??
    atMost("minMaintenanceBps", limits.maxMaintenanceBps) ??
    atMost("maxMaintenanceBps", MAX_13) ??
    atLeast("minGapBps", 1) ??
    atMost("minGapBps", MAX_12) ??
    atMost("tightenSpeedBpsPer30Days", limits.minGapBps) ??
    atMost("loosenSpeedBpsPer30Days", MAX_12) ??
    atLeast("maxInitialBps", limits.maxMaintenanceBps + limits.minGapBps) ??
    atMost("liquidationBonusBps", MAX_13) ??
    atLeast("minMaintenanceBps", lowestMaintenance(limits.liquidationBonusBps)) ??
    atLeast("decayHours", 1) ??
    atMost("decayHours", MAX_6) ??
    atMost("ttlHours", MAX_6) ??
    atLeast("maxAgeMinutes", 1) ??
    tooShort ??
    atMost("staleInitialCapBps", 10_000) ??
    atLeast("staleInitialCapBps", limits.maxInitialBps) ??
    atMost("quorumStepBps", MAX_12) ??
    atMost("hotStepBps", limits.quorumStepBps) ??
    atMost("quorumBudgetBps", MAX_8) ??
    atMost("hotBudgetBps", limits.quorumBudgetBps) ??
    atMost("quorumRaiseStep", MAX_12) ??
    atMost("hotRaiseStep", limits.quorumRaiseStep) ??
    atMost("quorumRaiseBudget", MAX_12) ??
    atMost("hotRaiseBudget", limits.quorumRaiseBudget)
  );
}

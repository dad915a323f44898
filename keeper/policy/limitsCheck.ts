import { MAX_AGE_MINUTES, WINDOWS_TOUCHED } from "../domain/calendar.ts";
import type { ContractLimits, ProfileValues } from "../domain/contract.ts";

/** A field that breaks a rule, the value given and the nearest allowed: the contract's BadLimits or NotTighter. */
export type Problem = { readonly what: string; readonly given: number; readonly allowed: number };

/** What 13, 12 and 8 bits hold. */
const MAX_MAINTENANCE = 8_191;
const MAX_12 = 4_095;
const MAX_BUDGET = 255 * WINDOWS_TOUCHED;
const MAX_SPEED = 2_000;

type Test = (what: string, given: number, allowed: number) => Problem | null;
const atMost: Test = (what, given, allowed) => (given > allowed ? { what, given, allowed } : null);
const atLeast: Test = (what, given, allowed) => (given < allowed ? { what, given, allowed } : null);
const same: Test = (what, given, allowed) => (given !== allowed ? { what, given, allowed } : null);
const multiple: Test = (what, given, unit) =>
  given % unit === 0 ? null : { what, given, allowed: given - (given % unit) };

/** Lowest maintenance with (1 - maintenance)(1 + bonus) < 1, bps. @example lowestMaintenance(500) // 477 */
export function lowestMaintenance(bonusBps: number): number {
  return Math.floor((10_000 * bonusBps) / (10_000 + bonusBps)) + 1;
}

/** What is wrong with a profile, null when nothing is. */
export function profileProblem(profile: ProfileValues): Problem | null {
  const { ttlSeconds: ttl, decaySeconds: decay } = profile;
  return (
    atMost("tightenSpeedBpsPerDay", profile.tightenSpeedBpsPerDay, MAX_SPEED) ??
    atMost("loosenSpeedBpsPerDay", profile.loosenSpeedBpsPerDay, MAX_SPEED) ??
    atMost("staleInitialCapBps", profile.staleInitialCapBps, 10_000) ??
    atLeast("decaySeconds", decay, 60) ??
    atLeast("ttlSeconds", ttl, 60) ??
    multiple("decaySeconds", decay, 60) ??
    multiple("ttlSeconds", ttl, 60) ??
    atMost("ttlSeconds + decaySeconds", ttl + decay, MAX_AGE_MINUTES * 60)
  );
}

/** What is wrong with limits among themselves and with the profile of their class, null when nothing is. */
export function limitsProblem(limits: ContractLimits, profile: ProfileValues): Problem | null {
  const { maxInitialBps, minMaintenanceBps, maxMaintenanceBps, minGapBps } = limits;
  const { quorumLooseningBudgetBpsPerDay: wide, looseningBudgetBpsPerDay: narrow } = limits;
  return (
    atMost("maxInitialBps", maxInitialBps, 10_000) ??
    atMost("minInitialBps", limits.minInitialBps, maxInitialBps) ??
    atMost("minMaintenanceBps", minMaintenanceBps, maxMaintenanceBps) ??
    atMost("maxMaintenanceBps", maxMaintenanceBps, MAX_MAINTENANCE) ??
    atLeast("minGapBps", minGapBps, 1) ??
    atMost("minGapBps", minGapBps, MAX_12) ??
    atLeast("maxInitialBps", maxInitialBps, maxMaintenanceBps + minGapBps) ??
    atMost("liquidationBonusBps", limits.liquidationBonusBps, MAX_MAINTENANCE) ??
    atLeast("minMaintenanceBps", minMaintenanceBps, lowestMaintenance(limits.liquidationBonusBps)) ??
    atMost("quorumLooseningStepBps", limits.quorumLooseningStepBps, MAX_12) ??
    atMost("maxLooseningStepBps", limits.maxLooseningStepBps, limits.quorumLooseningStepBps) ??
    atMost("quorumLooseningBudgetBpsPerDay", wide, MAX_BUDGET) ??
    multiple("quorumLooseningBudgetBpsPerDay", wide, WINDOWS_TOUCHED) ??
    atMost("looseningBudgetBpsPerDay", narrow, wide) ??
    multiple("looseningBudgetBpsPerDay", narrow, WINDOWS_TOUCHED) ??
    atLeast("maxAgeSeconds", limits.maxAgeSeconds, 60) ??
    multiple("maxAgeSeconds", limits.maxAgeSeconds, 60) ??
    atLeast("ttlSeconds", profile.ttlSeconds, limits.maxAgeSeconds) ??
    atLeast("staleInitialCapBps", profile.staleInitialCapBps, maxInitialBps)
  );
}

/** What a guardian's limits loosen, or move that could carry a position towards liquidation; null when nothing. */
export function tighterProblem(previous: ContractLimits, next: ContractLimits): Problem | null {
  type Key = Exclude<keyof ContractLimits, "probed">;
  const by = (test: Test, key: Key) => test(key, next[key], previous[key]);
  return (
    by(atLeast, "minInitialBps") ??
    by(atLeast, "maxInitialBps") ??
    by(same, "minMaintenanceBps") ??
    by(same, "maxMaintenanceBps") ??
    by(same, "minGapBps") ??
    by(same, "liquidationBonusBps") ??
    by(atMost, "maxLooseningStepBps") ??
    by(atMost, "quorumLooseningStepBps") ??
    by(atMost, "looseningBudgetBpsPerDay") ??
    by(atMost, "quorumLooseningBudgetBpsPerDay") ??
    by(same, "maxAgeSeconds") ??
    same("probed", Number(next.probed), Number(previous.probed))
  );
}

import { DAY_SECONDS } from "../domain/calendar.ts";
import type { MarketMode } from "../domain/contract.ts";
import type { MarketHistory, Reason } from "../domain/decision.ts";
import type { PolicyParameters } from "../domain/parameters.ts";

/** Below this nobody knows whether the depth seen is there to stay. */
const LEAST_DEPTH_HOURS = 24;

/** What stands in the way of loosening now; empty when nothing does. Tightening never asks. */
export function looseningBlockers(
  facts: {
    readonly now: number;
    readonly confidence: number;
    /** True when every source was accepted and none contradicts another. */
    readonly agreement: boolean;
    /** Hours of depth history. */
    readonly depthHours: number;
    readonly mode: MarketMode;
    /** True once the contract's breaker has tripped. */
    readonly tightenOnly: boolean;
    /** True when the data is newer, by the minute, than what stands on chain or is on its way. */
    readonly newer: boolean;
    readonly history: MarketHistory;
  },
  rules: PolicyParameters,
): readonly Reason[] {
  const blockers: Reason[] = [];
  if (facts.mode !== "NORMAL") blockers.push("FROZEN_ON_CHAIN");
  if (facts.tightenOnly) blockers.push("TIGHTEN_ONLY");
  if (!facts.newer) blockers.push("NO_NEWER_DATA");
  if (!(facts.confidence >= rules.minLooseningConfidence)) blockers.push("LOW_CONFIDENCE");
  if (!facts.agreement) blockers.push("NO_AGREEMENT");
  if (facts.depthHours < LEAST_DEPTH_HOURS) blockers.push("SHORT_HISTORY");
  const { lastBreaker, lastLoosening } = facts.history;
  if (lastBreaker !== null && facts.now - lastBreaker < rules.breakerRestSeconds) blockers.push("BREAKER_REST");
  if (lastLoosening !== null && facts.now - lastLoosening < rules.looseningCooldownSeconds) blockers.push("COOL_DOWN");
  return blockers;
}

/**
 * The largest whole-basis-point loosening from `fromBps` towards `targetBps` that time allows: an exponential approach
 * with the half-life, capped by the daily limit, rounded down (against the borrower). Silence earns at most one day.
 * @param elapsedSeconds time since the last loosening
 * @returns basis points to take off, 0 when the target is not below
 * @example looseningStepBps(3000, 2000, 86_400, { looseningHalfLifeDays: 10, maxLooseningBpsPerDay: 50 }) // 50
 * @example looseningStepBps(2300, 2000, 86_400, { looseningHalfLifeDays: 10, maxLooseningBpsPerDay: 50 }) // 20
 */
export function looseningStepBps(
  fromBps: number,
  targetBps: number,
  elapsedSeconds: number,
  rules: Pick<PolicyParameters, "looseningHalfLifeDays" | "maxLooseningBpsPerDay">,
): number {
  const gap = fromBps - targetBps;
  if (!(gap > 0)) return 0;
  const days = Math.min(Math.max(elapsedSeconds, 0), DAY_SECONDS) / DAY_SECONDS;
  const approach = gap * (1 - 2 ** (-days / rules.looseningHalfLifeDays));
  return Math.floor(Math.min(approach, rules.maxLooseningBpsPerDay * days) + 1e-9);
}

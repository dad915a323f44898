import { DAY_SECONDS } from "../domain/calendar.ts";
import type { MarketMode, Writer } from "../domain/contract.ts";
import type { MarketHistory, OnChainMarket, Reason } from "../domain/decision.ts";
import type { PolicyParameters } from "../domain/parameters.ts";

/** Below this nobody knows whether the depth observed is there to stay. */
export const LEAST_DEPTH_HOURS = 24;
/** Tenths of the aggregate budget that the keeper uses: a trip is for a stolen key, and never caused by accident. */
const TENTHS_USED = 9;

/** What the policy answers to, beside the target. Times are Unix seconds. */
export type Situation = {
  readonly now: number;
  /** Time of the oldest market datum used. */
  readonly asOf: number;
  readonly confidence: number;
  readonly sources: number;
  /** True when every source was accepted and none contradicts another. */
  readonly agreement: boolean;
  /** Hours of depth history. */
  readonly depthHours: number;
  readonly onChain: OnChainMarket;
  readonly history: MarketHistory;
  /** Price by which the exposure limit may move, USD; null: it stays. */
  readonly priceUsd: number | null;
  /** False when maintenance stays where it is, for nothing measured stands behind its target. */
  readonly maintenanceMayMove: boolean;
  /** False when price or depth is missing: nothing is written. */
  readonly usable: boolean;
};

/** Why nothing may be loosened now; empty when it may. Tightening never asks. */
export function looseningBlockers(
  facts: Pick<Situation, "now" | "confidence" | "agreement" | "depthHours" | "history"> & {
    readonly mode: MarketMode;
    /** True while the contract takes tightenings only, from this writer or in this class. */
    readonly tightenOnly: boolean;
    /** True while governance holds the values by hand. */
    readonly overridden: boolean;
    /** True when the data is newer, by the minute, than what is on chain or on its way. */
    readonly newer: boolean;
  },
  rules: PolicyParameters,
): readonly Reason[] {
  const { lastBreaker, lastLoosening } = facts.history;
  const within = (since: number | null, seconds: number) => since !== null && facts.now - since < seconds;
  const tests: readonly (readonly [boolean, Reason])[] = [
    [facts.mode !== "NORMAL", "FROZEN_ON_CHAIN"],
    [facts.tightenOnly, "TIGHTEN_ONLY"],
    [facts.overridden, "OVERRIDDEN"],
    [!facts.newer, "NO_NEWER_DATA"],
    [!(facts.confidence >= rules.minLooseningConfidence), "LOW_CONFIDENCE"],
    [!facts.agreement, "NO_AGREEMENT"],
    [facts.depthHours < LEAST_DEPTH_HOURS, "SHORT_HISTORY"],
    [within(lastBreaker, rules.breakerRestSeconds), "BREAKER_REST"],
    [within(lastLoosening, rules.looseningCooldownSeconds), "COOL_DOWN"],
  ];
  return tests.flatMap(([blocked, reason]) => (blocked ? [reason] : []));
}

/**
 * The largest whole-basis-point loosening from `fromBps` towards `targetBps` that time allows: an exponential approach
 * with the half-life, capped by the daily limit, rounded down (against the borrower); 0 when the target is not below.
 * @param elapsedSeconds time since the last loosening; more than a day earns no more than one
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

/**
 * Loosening of initial that the market has left in the budget window of the block, bps. The window is that of the block
 * read, not of a clock: a block to come lies in the same window or a later one, where there is more.
 * @example windowLeftBps({ limits: { ...limits, hotBudgetBps: 50 }, spentBps: 20 }) // 30
 */
export function windowLeftBps({ limits, spentBps }: Pick<OnChainMarket, "limits" | "spentBps">): number {
  return Math.max(0, limits.hotBudgetBps - spentBps);
}

/**
 * Loosening of initial, added up over all markets, that the writer may still make in the window, bps, rounded down: what
 * the contract would let through, less a tenth of the budget.
 * @example aggregateLeftBps({ ...writer, aggregateBps: 105, spentBps: 20 }) // 74
 */
export function aggregateLeftBps({ aggregateBps, spentBps }: Pick<Writer, "aggregateBps" | "spentBps">): number {
  return Math.max(0, Math.floor((aggregateBps * TENTHS_USED) / 10) - spentBps);
}

/** Loosening of initial that the keeper may plan for one market as if it were alone, bps. */
export function looseningLeftBps(market: Pick<OnChainMarket, "limits" | "spentBps" | "writer">): number {
  return Math.min(windowLeftBps(market), aggregateLeftBps(market.writer));
}

import { DAY_SECONDS, minuteOf, timeOf } from "../domain/calendar.ts";
import type { Entry, MarketMode, Writer } from "../domain/contract.ts";
import type { BatchEntry } from "../domain/cycle.ts";
import type { Decision, DueMarket, FittedBatch, MarketHistory, OnChainMarket, Reason } from "../domain/decision.ts";
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

/**
 * Decisions made one by one, fitted into one batch. Loosening of initial is cut in proportion, rounded down, to what the
 * writer has left over all markets: the keeper never asks for what counts towards its trip. Tightening passes untouched.
 */
export function fitBatch(due: readonly DueMarket[]): FittedBatch {
  const [first] = due;
  const left = first === undefined ? 0 : aggregateLeftBps(first.onChain.writer);
  const total = due.reduce((sum, one) => sum + looseningOf(one), 0);
  const decisions = due.map((one) => {
    return total <= left ? one.decision : cut(one, Math.floor((looseningOf(one) * left) / total));
  });
  const entries = due.map(({ onChain }, i) => entryOf(onChain, decisions[i] as Decision));
  return { decisions, entries };
}

function looseningOf({ onChain, decision }: DueMarket): number {
  return Math.max(0, onChain.storedInitialBps - decision.initialBps);
}

/** The decision with so much of its loosening, and the reason when that is less than it wanted. */
function cut({ onChain, decision }: DueMarket, looseningBps: number): Decision {
  if (looseningOf({ onChain, decision }) === looseningBps) return decision;
  const fitted = { ...decision, initialBps: onChain.storedInitialBps - looseningBps };
  const kept = decision.reasons.filter((reason) => reason !== "LOOSEN" || loosens(onChain, fitted));
  return { ...fitted, reasons: [...kept, "AGGREGATE_BUDGET"] };
}

/**
 * Whether a decision loosens any of the three numbers, as the contract counts it: the target from the lower of old target and
 * effective maintenance.
 */
export function loosens(
  onChain: OnChainMarket,
  { initialBps, maintenanceTargetBps, limit }: Pick<Decision, "initialBps" | "maintenanceTargetBps" | "limit">,
): boolean {
  const from = Math.min(onChain.maintenanceTargetBps, onChain.maintenanceBps);
  return initialBps < onChain.storedInitialBps || maintenanceTargetBps < from || limit > onChain.limit;
}

/** The entry that carries a decision, applied as the tighter of each number: what was read may have been tightened meanwhile. */
function entryOf({ marketId, generation }: OnChainMarket, decision: Decision): Entry {
  const { initialBps, maintenanceTargetBps, limit, asOf, confidence, sources } = decision;
  return {
    ...{ marketId, generation, initialBps, maintenanceTargetBps, limit, confidence, sources },
    asOf: timeOf(minuteOf(asOf)),
    orTighter: true,
  };
}

/**
 * Markets in one batch that loosen initial, at most. All of a contract fit by gas and bytes (512 take 4.1 million gas and 7 kB),
 * but those share what the writer has left, in whole basis points: among too many nobody's share is one.
 */
const MOST_LOOSENING = 32;

/**
 * The markets that travel in the next batch, and the others held back for a later one, all in the order given. Only loosening
 * waits: whatever tightens, is in flight (so that a replacement keeps what it replaces) or moves nothing travels. Among those
 * that loosen the turn moves by one market a minute, so that none keeps others waiting for ever.
 * @param now Unix seconds  @param inFlight names of markets with an update that waits for a block
 * @example oneBatch(planned, NOW, new Set(), 1) // of two loosenings and two tightenings, both tightenings and one of the others
 */
export function oneBatch(
  planned: readonly BatchEntry[],
  now: number,
  inFlight: ReadonlySet<string>,
  most = MOST_LOOSENING,
): { readonly travels: readonly BatchEntry[]; readonly waits: readonly BatchEntry[] } {
  const loosening = planned.filter(({ input: { market, onChain }, assessment: { decision } }) => {
    return !inFlight.has(market.name) && loosensOnly({ onChain, decision });
  });
  const turn = minuteOf(now) % loosening.length;
  const inTurn = [...loosening.slice(turn), ...loosening.slice(0, turn)];
  const late = new Set(inTurn.slice(most));
  return {
    travels: planned.filter((entry) => !late.has(entry)),
    waits: planned.filter((entry) => late.has(entry)).map(waiting),
  };
}

/** Whether it loosens initial and tightens nothing. */
function loosensOnly({ onChain, decision }: DueMarket): boolean {
  const { initialBps, maintenanceTargetBps, limit } = decision;
  if (maintenanceTargetBps > onChain.maintenanceTargetBps || limit < onChain.limit) return false;
  return initialBps < onChain.storedInitialBps;
}

/** Held, so that the journal counts no loosening that was not sent. */
function waiting({ input, assessment }: BatchEntry): BatchEntry {
  const { decision } = assessment;
  const held = { ...decision, action: "hold", reasons: ["NEXT_BATCH", ...decision.reasons] } as const;
  return { input, assessment: { ...assessment, decision: held } };
}

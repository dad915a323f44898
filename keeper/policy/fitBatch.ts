import { minuteOf, timeOf } from "../domain/calendar.ts";
import type { Entry } from "../domain/contract.ts";
import type { BatchEntry } from "../domain/cycle.ts";
import type { Decision, DueMarket, FittedBatch, OnChainMarket } from "../domain/decision.ts";
import { aggregateLeftBps } from "./loosening.ts";

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

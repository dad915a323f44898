import { minuteOf, timeOf } from "../domain/calendar.ts";
import type { Entry } from "../domain/contract.ts";
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

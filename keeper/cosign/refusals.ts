import { type Batch, type Entry, type Hex, percentApart, tokensOf } from "../domain/contract.ts";
import type { DueMarket } from "../domain/decision.ts";
import type { Numbers } from "../domain/journal.ts";
import type { QuorumPlace } from "./signedBatch.ts";

/** Why a keeper instance does not sign another's batch. */
const COSIGN_REFUSALS = {
  MALFORMED: "the proposal cannot be read",
  WRONG_PLACE: "another chain, parameter contract or gateway",
  STOPPED: "a kill switch of the co-signer is set",
  WRONG_MODEL: "another version of the model",
  WRONG_GENERATION: "a market was moved to another class since",
  WRONG_SEQUENCE: "not the next batch as the co-signer sees the chain",
  BAD_DEADLINE: "the deadline has passed, or is too far away",
  BAD_MARKETS: "no market, or one of them twice",
  UNDECIDED: "the co-signer has no decision of its own that is fresh enough",
  WRONG_TIME: "the data claims to be of another time than the co-signer's",
  LOOSENING: "looser than on chain, where the co-signer did not decide as much",
  OUT_OF_TOLERANCE: "too far from what the co-signer decided itself",
  WHOLE_ONLY: "a market would be skipped whole, its tightening too, where it may not loosen",
  BETTER_QUALITY: "more confidence, or other sources, than the co-signer has",
  IMPACT: "the co-signer's own impact gate holds a market",
  SIGNED_OTHER: "another batch of this sequence was signed, and this one is looser somewhere",
} as const;

export type CosignRefusal = { readonly code: keyof typeof COSIGN_REFUSALS; readonly detail: string };

/** What the co-signer knows by itself: the chain now, and what it last decided. */
type OwnView = {
  readonly place: QuorumPlace;
  /** Unix seconds: its clock, the latest block, and its last decision (null: none yet). */
  readonly now: number;
  readonly blockTime: number;
  readonly decidedAt: number | null;
  /** Number of the last batch of the gateway. */
  readonly sequence: bigint;
  readonly modelVersion: number;
  /** Why nothing may be sent, or null. */
  readonly stopped: string | null;
  /** Each market as it is on chain now, with the last decision about it. */
  readonly markets: readonly DueMarket[];
};

export type CosignLimits = {
  /** A value may differ from the co-signer's own by this, basis points. */
  readonly toleranceBps: number;
  /** Its own decision counts for so long, and data may be of a time so far from its own. */
  readonly maxDecisionAgeSeconds: number;
  /** A deadline may be so far away. */
  readonly maxDeadlineSeconds: number;
};

/** A clock set back by this since the last decision does not make that decision unknown, seconds: instances' clocks may differ as much. */
const MOST_STEP_BACK = 30;

/** Steps of 1/31 by which a confidence may exceed the co-signer's. */
const CONFIDENCE_STEPS = 3;

/** Percent by which exposure limits may differ, and a token: each instance reads pools at a block of its own, and rounds down. */
const LIMIT_TOLERANCE_PERCENT = 10;

/**
 * Why a batch is not signed, or null when it is. Every value must lie within the tolerance of what this instance itself
 * decided from fresh data; below the value on chain it signs only what is at least as tight as its own *submitted*
 * decision. What it holds counts as the value on chain, or tighter.
 * @example cosignRefusal({ ...proposal, chainId: 1 }, batch, view, limits)?.code // "WRONG_PLACE"
 */
export function cosignRefusal(
  place: QuorumPlace,
  batch: Batch,
  view: OwnView,
  limits: CosignLimits,
): CosignRefusal | null {
  return frameRefusal(place, batch, view, limits) ?? marketsRefusal(batch, view, limits);
}

function frameRefusal(place: QuorumPlace, batch: Batch, view: OwnView, limits: CosignLimits): CosignRefusal | null {
  const own = view.place;
  const same = (a: Hex, b: Hex) => a.toLowerCase() === b.toLowerCase();
  if (place.chainId !== own.chainId || !same(place.parameters, own.parameters) || !same(place.gateway, own.gateway)) {
    return refuse("WRONG_PLACE", `chain ${place.chainId}, ${place.parameters}, gateway ${place.gateway}`);
  }
  if (view.stopped !== null) return refuse("STOPPED", view.stopped);
  if (batch.modelVersion !== view.modelVersion) {
    return refuse("WRONG_MODEL", `${batch.modelVersion}, here ${view.modelVersion}`);
  }
  if (batch.sequence !== view.sequence + 1n) {
    return refuse("WRONG_SEQUENCE", `${batch.sequence}, on chain ${view.sequence}`);
  }
  const latest = Math.max(view.now, view.blockTime);
  if (batch.deadline < latest || batch.deadline > latest + limits.maxDeadlineSeconds) {
    return refuse("BAD_DEADLINE", `${batch.deadline}, allowed ${latest} to ${latest + limits.maxDeadlineSeconds}`);
  }
  const age = view.decidedAt === null ? Number.POSITIVE_INFINITY : view.now - view.decidedAt;
  if (age < -MOST_STEP_BACK || age > limits.maxDecisionAgeSeconds) {
    return refuse("UNDECIDED", `the last decision is ${age} s old, limit ${limits.maxDecisionAgeSeconds} s`);
  }
  return null;
}

function marketsRefusal({ entries }: Batch, view: OwnView, limits: CosignLimits): CosignRefusal | null {
  const ids = entries.map(({ marketId }) => marketId);
  if (ids.length === 0 || new Set(ids).size < ids.length) return refuse("BAD_MARKETS", ids.join(", ") || "none");
  for (const entry of entries) {
    const own = view.markets.find(({ onChain }) => onChain.marketId === entry.marketId);
    if (own === undefined || own.decision.reasons.includes("NO_DATA")) {
      return refuse("UNDECIDED", `market ${entry.marketId}`);
    }
    const refusal = marketRefusal(entry, own, limits);
    if (refusal !== null) return refusal;
  }
  return null;
}

function marketRefusal(entry: Entry, own: DueMarket, limits: CosignLimits): CosignRefusal | null {
  const { onChain, decision } = own;
  const market = `market ${entry.marketId}`;
  if (entry.generation !== onChain.generation) {
    return refuse("WRONG_GENERATION", `${market}: ${entry.generation}, on chain ${onChain.generation}`);
  }
  if (Math.abs(entry.asOf - decision.asOf) > limits.maxDecisionAgeSeconds) {
    return refuse("WRONG_TIME", `${market}: ${entry.asOf}, here ${decision.asOf}`);
  }
  const sides = [
    ["initial", entry.initialBps, onChain.storedInitialBps, decision.initialBps],
    ["maintenance", entry.maintenanceTargetBps, onChain.maintenanceTargetBps, decision.maintenanceTargetBps],
  ] as const;
  for (const [side, given, stored, wanted] of sides) {
    const decided = decision.action === "submit" ? wanted : Math.max(wanted, stored);
    const detail = `${market} ${side}: ${given} bp, here ${decided} bp, on chain ${stored} bp`;
    if (given < stored && given < decided) return refuse("LOOSENING", detail);
    if (Math.abs(given - decided) > limits.toleranceBps) return refuse("OUT_OF_TOLERANCE", detail);
  }
  const { confidence, limit, sources, orTighter } = entry;
  // Without it one number that may not loosen keeps the others from tightening.
  if (!orTighter) return refuse("WHOLE_ONLY", market);
  const kept = Math.min(onChain.limit, onChain.highestLimit);
  const decided = decision.action === "submit" ? decision.limit : Math.min(decision.limit, kept);
  const detail = `${market} exposure limit: ${tokensOf(limit)} tokens, here ${tokensOf(decided)}`;
  if (limit > kept && limit > decided) return refuse("LOOSENING", detail);
  if (Math.abs(limit - decided) > 1 && percentApart(limit, decided) > LIMIT_TOLERANCE_PERCENT)
    return refuse("OUT_OF_TOLERANCE", detail);
  if (confidence > decision.confidence + CONFIDENCE_STEPS) {
    return refuse("BETTER_QUALITY", `${market}: confidence ${confidence}, here ${decision.confidence}`);
  }
  if ((sources & ~decision.sources) !== 0) {
    return refuse("BETTER_QUALITY", `${market}: sources ${sources}, here ${decision.sources}`);
  }
  return null;
}

/**
 * Whether a batch may be signed after `earlier` of the same sequence, which may still land: it names every market of
 * that one and lowers none of them, and lowers no other below its value on chain. Whoever relays gains nothing by choosing.
 */
export function mayFollow(fresh: readonly Numbers[], earlier: readonly Numbers[], stored: readonly Numbers[]): boolean {
  const notBelow = (one: Numbers, floor: Numbers | undefined) =>
    floor !== undefined &&
    one.initialBps >= floor.initialBps &&
    one.maintenanceTargetBps >= floor.maintenanceTargetBps &&
    one.limit <= floor.limit;
  const of = (list: readonly Numbers[], id: number) => list.find(({ marketId }) => marketId === id);
  return (
    earlier.every(({ marketId }) => of(fresh, marketId) !== undefined) &&
    fresh.every((one) => notBelow(one, of(earlier, one.marketId) ?? of(stored, one.marketId)))
  );
}

function refuse(code: CosignRefusal["code"], detail: string): CosignRefusal {
  return { code, detail };
}

import { isDeepStrictEqual } from "node:util";
import { type AppliedBatch, type BatchUpdate, type Hex, updatesOf } from "../domain/contract.ts";
import type { Assessment, Decision, DueMarket, FittedBatch, MarketHistory, OnChainMarket } from "../domain/decision.ts";
import { TonsorError } from "../domain/errors.ts";
import type { Observed } from "../domain/observation.ts";
import type { MarketParameters } from "../domain/parameters.ts";
import { decodeBundle, hashEvidence } from "./bundle.ts";
import type { EvidenceBundle, MarketEvidence } from "./schema.ts";

/** The reasoning, passed in: what it needs is what a bundle holds. */
export type Reasoning = {
  assess(input: {
    readonly now: number;
    readonly market: MarketParameters;
    readonly observed: readonly Observed[];
    readonly history: MarketHistory;
    readonly onChain: OnChainMarket;
  }): Assessment;
  fitBatch(due: readonly DueMarket[], now: number): FittedBatch;
};

/** What `verifyBundle` found. `difference` names the first thing that is not equal, in words. */
type Verification =
  | { readonly ok: true; readonly markets: readonly string[]; readonly assessments: readonly Assessment[] }
  | { readonly ok: false; readonly difference: string };

const FIELDS = ["initialBps", "maintenanceTargetBps", "asOf", "confidence", "sources"] as const;
type Decided = Pick<BatchUpdate, (typeof FIELDS)[number]>;

/**
 * Recomputes one batch from its evidence and compares every basis point, time, confidence and source bit with the
 * events of its transaction. Pure: the same bytes, events and reasoning give the same answer anywhere.
 *
 * `expectedHash` is the hash in `BatchApplied`; `onChain` are the decoded events. Three accounts must agree for each
 * market: what the batch said, what the bundle says was decided, and what the reasoning gives from the bundle's inputs:
 * each market by itself, then all of them fitted together.
 */
export function verifyBundle(
  bytes: Uint8Array,
  expectedHash: Hex,
  onChain: AppliedBatch,
  reasoning: Reasoning,
): Verification {
  const hash = hashEvidence(bytes);
  if (hash !== expectedHash.toLowerCase())
    return differs(`the evidence hashes to ${hash}, the chain says ${expectedHash}`);
  let bundle: EvidenceBundle;
  try {
    bundle = decodeBundle(bytes);
  } catch (error) {
    if (error instanceof TonsorError) return differs(error.message);
    throw error;
  }
  const framed = compareFrame(bundle, onChain) ?? compareMarkets(bundle, onChain);
  if (framed !== null) return differs(framed);
  const { assessments, fitted } = recompute(bundle, reasoning);
  for (const [index, market] of bundle.markets.entries()) {
    const decision = fitted.decisions[index];
    if (decision === undefined) return differs(`${nameOf(market)}: recomputed, nothing was to be sent`);
    const difference = compareMarket(market, decision, updatesOf(fitted.entries), onChain);
    if (difference !== null) return differs(difference);
  }
  const final = assessments.map((one, i) => ({ ...one, decision: fitted.decisions[i] ?? one.decision }));
  return { ok: true, markets: bundle.markets.map((market) => market.name), assessments: final };
}

function recompute(bundle: EvidenceBundle, { assess, fitBatch }: Reasoning) {
  const { now } = bundle;
  const assessments = bundle.markets.map(({ parameters, observed, history, onChain }) =>
    assess({ now, market: parameters, observed, history, onChain }),
  );
  const due = bundle.markets.flatMap(({ onChain }, index): DueMarket[] => {
    const decision = assessments[index]?.decision;
    return decision === undefined ? [] : [{ onChain, decision }];
  });
  return { assessments, fitted: fitBatch(due, now) };
}

function compareFrame(bundle: EvidenceBundle, chain: AppliedBatch): string | null {
  const pairs = [
    ["chain id", bundle.chainId, chain.chainId],
    ["contract", bundle.contract.toLowerCase(), chain.contract.toLowerCase()],
    ["sequence", bundle.sequence, chain.sequence],
    ["model version", bundle.modelVersion, chain.modelVersion],
  ] as const;
  for (const [what, evidence, onChain] of pairs) {
    if (evidence !== onChain) return `${what}: the evidence says ${evidence}, the chain says ${onChain}`;
  }
  return null;
}

function compareMarkets(bundle: EvidenceBundle, chain: AppliedBatch): string | null {
  const inEvidence = new Set(bundle.markets.map((market) => market.marketId));
  if (inEvidence.size !== bundle.markets.length) return "the evidence names a market twice";
  const onChain = chain.updates.map((update) => update.marketId);
  for (const id of onChain) if (!inEvidence.has(id)) return `market ${id} is on chain but not in the evidence`;
  for (const market of bundle.markets) {
    const times = onChain.filter((id) => id === market.marketId).length;
    if (times !== 1)
      return `market ${market.name} (${market.marketId}) is in the evidence once, on chain ${times} times`;
    if (!isDeepStrictEqual(market.onChain.door, bundle.markets[0]?.onChain.door)) {
      return `${nameOf(market)}: the markets of the evidence were read of contracts in different states`;
    }
    if (market.parameters.name !== market.name || market.onChain.marketId !== market.marketId) {
      return `market ${market.name} (${market.marketId}): the parts of its evidence are about different markets`;
    }
  }
  return null;
}

function compareMarket(
  market: MarketEvidence,
  again: Decision,
  planned: readonly BatchUpdate[],
  chain: AppliedBatch,
): string | null {
  const where = nameOf(market);
  if (again.action !== "submit") return `${where}: recomputed, nothing was to be sent (${again.reasons})`;
  const stated = compareFields(market.decision, again, `${where}, evidence`);
  if (stated !== null) return stated;
  const of = (updates: readonly BatchUpdate[]) => updates.find(({ marketId }) => marketId === market.marketId);
  const [update, plan] = [of(chain.updates), of(planned)];
  return update === undefined || plan === undefined ? null : compareFields(update, plan, `${where}, chain`);
}

function nameOf({ name, marketId }: MarketEvidence): string {
  return `market ${name} (${marketId})`;
}

function compareFields(stated: Decided, recomputed: Decided, where: string): string | null {
  for (const field of FIELDS) {
    if (stated[field] !== recomputed[field]) {
      return `${where}: ${field} is ${stated[field]}, recomputed ${recomputed[field]}`;
    }
  }
  return null;
}

function differs(difference: string): Verification {
  return { ok: false, difference };
}

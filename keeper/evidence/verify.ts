import type { AppliedBatch, BatchUpdate, Hex } from "../domain/batch.ts";
import type { Assessment, MarketHistory, OnChainMarket } from "../domain/decision.ts";
import { TonsorError } from "../domain/errors.ts";
import type { Observed } from "../domain/observation.ts";
import type { MarketParameters } from "../domain/parameters.ts";
import { decodeBundle, type EvidenceBundle, type MarketEvidence } from "./bundle.ts";
import { hashEvidence } from "./hash.ts";

/** The pipeline, passed in: what it needs is what a bundle holds. */
export type Assess = (input: {
  readonly now: number;
  readonly market: MarketParameters;
  readonly observed: readonly Observed[];
  readonly history: MarketHistory;
  readonly onChain: OnChainMarket;
}) => Assessment;

/** What `verifyBundle` found. `difference` names the first thing that is not equal, in words. */
export type Verification =
  | { readonly ok: true; readonly markets: readonly string[]; readonly assessments: readonly Assessment[] }
  | { readonly ok: false; readonly difference: string };

const FIELDS = ["initialBps", "maintenanceTargetBps", "asOf", "confidenceBps", "sources"] as const;
type Decided = Pick<BatchUpdate, (typeof FIELDS)[number]>;

/**
 * Recomputes one batch from its evidence and compares every basis point, time, confidence and source bit with the
 * events of its transaction. Pure: the same bytes, events and `assess` give the same answer anywhere.
 *
 * `expectedHash` is the hash in `BatchApplied`; `onChain` are the decoded events. Three accounts must agree for each
 * market: what the chain applied, what the bundle says was decided, and what `assess` gives from the bundle's inputs.
 */
export function verifyBundle(
  bytes: Uint8Array,
  expectedHash: Hex,
  onChain: AppliedBatch,
  assess: Assess,
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
  const assessments: Assessment[] = [];
  for (const market of bundle.markets) {
    const again = assess({
      now: bundle.now,
      market: market.parameters,
      observed: market.observed,
      history: market.history,
      onChain: market.onChain,
    });
    const difference = compareMarket(market, again, onChain);
    if (difference !== null) return differs(difference);
    assessments.push(again);
  }
  return { ok: true, markets: bundle.markets.map((market) => market.name), assessments };
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
  const onChain = [...chain.updates, ...chain.skipped].map((update) => update.marketId);
  for (const id of onChain) if (!inEvidence.has(id)) return `market ${id} is on chain but not in the evidence`;
  for (const market of bundle.markets) {
    const times = onChain.filter((id) => id === market.marketId).length;
    if (times !== 1)
      return `market ${market.name} (${market.marketId}) is in the evidence once, on chain ${times} times`;
    if (market.parameters.name !== market.name || market.onChain.marketId !== market.marketId) {
      return `market ${market.name} (${market.marketId}): the parts of its evidence are about different markets`;
    }
  }
  return null;
}

function compareMarket(market: MarketEvidence, again: Assessment, chain: AppliedBatch): string | null {
  const where = `market ${market.name} (${market.marketId})`;
  if (again.decision.action !== "submit")
    return `${where}: recomputed, nothing was to be sent (${again.decision.reasons})`;
  const stated = compareFields(market.decision, again.decision, `${where}, evidence`);
  if (stated !== null) return stated;
  const update = chain.updates.find((candidate) => candidate.marketId === market.marketId);
  return update === undefined ? null : compareFields(update, again.decision, `${where}, chain`);
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

import type { AppliedBatch, Entry, Hex } from "../domain/contract.ts";
import type { AssessInput, Assessment, Decision, DueMarket, FittedBatch } from "../domain/decision.ts";
import { TonsorError } from "../domain/errors.ts";
import type { PackedEvidence } from "../domain/journal.ts";
import { decodeBundle, hashEvidence } from "./bundle.ts";
import { canonicalText } from "./canonical.ts";
import type { EvidenceBundle, MarketEvidence } from "./schema.ts";

/** The reasoning, passed in: what it needs is what a bundle holds. */
export type Reasoning = {
  readonly modelVersion: number;
  assess(input: AssessInput): Assessment;
  fitBatch(due: readonly DueMarket[]): FittedBatch;
};

/** What `verifyBundle` found. `difference` names the first thing that is not equal, in words. */
type Verification =
  | {
      readonly ok: true;
      readonly bundle: EvidenceBundle;
      readonly assessments: readonly Assessment[];
      /** The batch as recomputed, in the order of its markets' ids. */
      readonly entries: readonly Entry[];
    }
  | { readonly ok: false; readonly difference: string };

/** Values of a decision that go on chain. */
export const DECIDED = ["initialBps", "maintenanceTargetBps", "limit", "asOf", "confidence", "sources"] as const;
const SENT_FIELDS = [...DECIDED, "generation", "orTighter"] as const;

/**
 * Recomputes one batch from its evidence and compares every basis point, time, confidence and source bit with the
 * events of its transaction. Pure: the same pieces, events and reasoning give the same answer anywhere. Three accounts must agree
 * for each market: what the batch said, what the bundle says was decided, and what the reasoning gives from the bundle's inputs.
 * @param expectedHash in `BatchApplied`  @param onChain the decoded events
 */
export function verifyBundle(
  evidence: PackedEvidence,
  expectedHash: Hex,
  onChain: AppliedBatch,
  reasoning: Reasoning,
): Verification {
  const hash = hashEvidence(evidence.root);
  if (hash !== expectedHash.toLowerCase())
    return differs(`the evidence hashes to ${hash}, the chain says ${expectedHash}`);
  let bundle: EvidenceBundle;
  try {
    bundle = decodeBundle(evidence);
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
    const difference = compareMarket(market, decision, fitted.entries, onChain);
    if (difference !== null) return differs(otherVersion(bundle, reasoning) + difference);
  }
  const final = assessments.map((one, i) => ({ ...one, decision: fitted.decisions[i] ?? one.decision }));
  return { ok: true, bundle, assessments: final, entries: fitted.entries };
}

/** What is to be known before the first difference where the evidence is of another model version; else nothing. */
function otherVersion({ modelVersion }: EvidenceBundle, reasoning: Reasoning): string {
  if (modelVersion === reasoning.modelVersion) return "";
  return (
    `written by model version ${modelVersion} and decided again by version ${reasoning.modelVersion}, whose numbers may ` +
    `differ: only the code of version ${modelVersion} can verify it; `
  );
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
  return { assessments, fitted: fitBatch(due) };
}

function compareFrame(bundle: EvidenceBundle, chain: AppliedBatch): string | null {
  const pairs = [
    ["chain id", bundle.chainId, chain.chainId],
    ["contract", bundle.contract.toLowerCase(), chain.contract.toLowerCase()],
    ["model version", bundle.modelVersion, chain.modelVersion],
  ] as const;
  for (const [what, evidence, onChain] of pairs) {
    if (evidence !== onChain) return `${what}: the evidence says ${evidence}, the chain says ${onChain}`;
  }
  return sequenceProblem(bundle, chain);
}

/**
 * A batch follows the last of the writer that it was decided for. Only one that was decided for a signer quorum may come from
 * another, the hot key that stood in, by a number of its own: else any key could pass off another's evidence as its own.
 */
function sequenceProblem({ markets }: EvidenceBundle, chain: AppliedBatch): string | null {
  const writer = markets[0]?.onChain.writer;
  if (writer === undefined) return null;
  if (writer.account.toLowerCase() !== chain.writer.toLowerCase()) {
    return writer.power === "QUORUM"
      ? null
      : `writer: the evidence says ${writer.account}, the chain says ${chain.writer}`;
  }
  const next = BigInt(writer.sequence) + 1n;
  return next === chain.sequence ? null : `sequence: the evidence says ${next}, the chain says ${chain.sequence}`;
}

function compareMarkets(bundle: EvidenceBundle, chain: AppliedBatch): string | null {
  const inEvidence = new Set(bundle.markets.map((market) => market.marketId));
  if (inEvidence.size !== bundle.markets.length) return "the evidence names a market twice";
  const onChain = chain.entries.map(({ marketId }) => marketId);
  for (const id of onChain) if (!inEvidence.has(id)) return `market ${id} is on chain but not in the evidence`;
  for (const market of bundle.markets) {
    const times = onChain.filter((id) => id === market.marketId).length;
    if (times !== 1)
      return `market ${market.name} (${market.marketId}) is in the evidence once, on chain ${times} times`;
    if (canonicalText(market.onChain.writer) !== canonicalText(bundle.markets[0]?.onChain.writer)) {
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
  planned: readonly Entry[],
  chain: AppliedBatch,
): string | null {
  const where = nameOf(market);
  if (again.action !== "submit") return `${where}: recomputed, nothing was to be sent (${again.reasons})`;
  const stated = compareFields(market.decision, again, `${where}, evidence`, DECIDED);
  if (stated !== null) return stated;
  const of = (entries: readonly Entry[]) => entries.find(({ marketId }) => marketId === market.marketId);
  const [sent, plan] = [of(chain.entries), of(planned)];
  return sent === undefined || plan === undefined ? null : compareFields(sent, plan, `${where}, chain`, SENT_FIELDS);
}

function nameOf({ name, marketId }: MarketEvidence): string {
  return `market ${name} (${marketId})`;
}

function compareFields<Name extends keyof Entry>(
  stated: Pick<Entry, Name>,
  recomputed: Pick<Entry, Name>,
  where: string,
  fields: readonly Name[],
): string | null {
  for (const field of fields) {
    if (stated[field] !== recomputed[field]) {
      return `${where}: ${field} is ${stated[field]}, recomputed ${recomputed[field]}`;
    }
  }
  return null;
}

function differs(difference: string): Verification {
  return { ok: false, difference };
}

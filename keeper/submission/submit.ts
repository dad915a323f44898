import type { LocalAccount, PublicClient } from "viem";
import { gatherShares, type QuorumRoute } from "../cosign/quorumRoute.ts";
import { encodeSignedBatch, simulateSigned } from "../cosign/signedBatch.ts";
import { type Batch, type Hex, updatesOf } from "../domain/batch.ts";
import type { BatchPlan, BatchResult } from "../domain/cycle.ts";
import type { OnChainMarket } from "../domain/decision.ts";
import { ownError, TonsorError } from "../domain/errors.ts";
import type { EvidenceStore, Journal } from "../domain/journal.ts";
import { encodeBundle } from "../evidence/bundle.ts";
import type { GatedPlan, ImpactGate } from "../impact/impactGate.ts";
import { encodeBatch, type Simulation, simulateBatch } from "../protocols/collateralParameters.ts";
import { monotonicClock } from "../runtime/clock.ts";
import type { ReplacementRules } from "../submission/attempt.ts";
import type { FeeLimits } from "../submission/fees.ts";
import type { SettleContext } from "../submission/reconcile.ts";
import type { SpendLimits } from "../submission/spendGuard.ts";
import { submitBatch } from "../submission/submitBatch.ts";
import type { Standing } from "../submission/tightening.ts";

/** Limits on one transaction; the names are those of the configuration file. */
export type TransactionLimits = {
  /** How long a batch may wait for a block before the contract refuses it. */
  readonly deadlineSeconds: number;
  readonly receiptTimeoutSeconds: number;
  readonly pollMilliseconds: number;
  /** Gas offered above the estimate: state may move between estimate and block. */
  readonly gasMarginPercent: number;
  /** Blocks until a transaction is final, and until a private tightening is given to everyone. */
  readonly confirmations: number;
  readonly relayFallbackBlocks: number;
} & ReplacementRules;

/** What sending needs. */
type SubmitParts = {
  readonly client: PublicClient;
  readonly account: LocalAccount;
  readonly contract: Hex;
  readonly store: Journal;
  readonly evidence: EvidenceStore;
  readonly fees: FeeLimits;
  readonly limits: TransactionLimits;
  readonly impact: ImpactGate;
  /** Where signatures are asked for; null: the hot key's door alone. */
  readonly quorum: QuorumRoute | null;
  readonly settling: SettleContext & { readonly spend?: SpendLimits };
  /** Why nothing may be sent now, or null. */
  readonly stopped: () => string | null;
};

/**
 * Stores the evidence, then simulates, journals, signs and sends one batch, and follows it for a while. What the
 * contract or the node refuses is an answer, not an exception: the cycle goes on and the next one decides afresh.
 */
export async function submitPlan(
  decided: BatchPlan,
  tick: number,
  parts: SubmitParts,
  signal: AbortSignal,
): Promise<BatchResult> {
  const gated = await parts.impact(decided);
  signal.throwIfAborted();
  const { plan } = gated;
  if (plan.entries.length === 0) return await heldWhole(gated, tick);
  const names = new Map(plan.entries.map((entry) => [entry.input.onChain.marketId, entry.assessment.market]));
  const evidence = await parts.evidence.put(encodeBundle(bundleOf(plan)));
  const batch: Batch = {
    sequence: plan.sequence,
    deadline: plan.now + parts.limits.deadlineSeconds,
    generation: plan.chain.door.generation,
    modelVersion: plan.modelVersion,
    evidence,
    entries: plan.packed,
  };
  const way = await wayOf(batch, plan, parts, signal);
  await gated.report(way.data === null ? null : { evidence, calldata: way.data }, tick);
  const result = {
    evidence,
    sequence: plan.sequence,
    applied: [],
    skipped: gated.held,
    heldByGate: gated.held,
    hash: null,
    intent: null,
  } as const;
  if (way.data === null) return { ...result, status: "NOT_SENT", detail: way.note };
  try {
    const simulation = await way.simulate();
    const skipped = simulation.skipped.map(({ marketId, reason, given, allowed }) => ({
      market: names.get(marketId) ?? `market ${marketId}`,
      reason: `${reason}: given ${given}, allowed ${allowed}`,
    }));
    signal.throwIfAborted();
    // Nodes and co-signers were asked since it was decided: looked at again in the last moment before it is signed.
    const stopped = parts.stopped();
    if (stopped !== null) {
      const detail = joined(way.note, `a kill switch was set while it was made ready: ${stopped}`);
      return { ...result, status: "NOT_SENT", detail };
    }
    const intent = await submitBatch(
      {
        tick,
        batch,
        to: way.to,
        data: way.data,
        gasLimit: (simulation.gas * BigInt(100 + parts.limits.gasMarginPercent)) / 100n,
        standing: [...plan.chain.markets.values()].map(standingOf),
      },
      {
        ...parts.settling,
        account: parts.account,
        fees: parts.fees,
        replacement: parts.limits,
        receiptTimeoutMs: parts.limits.receiptTimeoutSeconds * 1000,
        pollMs: parts.limits.pollMilliseconds,
        sleep: monotonicClock.sleep,
        signal,
      },
    );
    const applied = updatesOf(batch.entries)
      .map((update) => names.get(update.marketId) ?? "")
      .filter((name) => !skipped.some((one) => one.market === name));
    return {
      ...result,
      status: intent.status,
      hash: intent.transactionHash,
      intent: intent.id,
      applied,
      skipped: [...gated.held, ...skipped],
      detail: joined(way.note, intent.detail ?? ""),
    };
  } catch (error) {
    if (!(error instanceof TonsorError)) throw error;
    const refused = ["TRANSACTION_REVERTED", "TRANSACTION_REFUSED", "TRANSACTION_FATAL"].includes(error.code);
    return {
      ...result,
      status: refused ? "REFUSED" : "NOT_SENT",
      detail: joined(way.note, `${error.message}. ${error.advice}`),
    };
  }
}

const joined = (...parts: readonly string[]): string => parts.filter((part) => part !== "").join("; ");

/** The door that a batch goes through, with what is said of it; `data` is null when it goes through none. */
type Way = { readonly note: string } & (
  | { readonly data: null }
  | { readonly data: Hex; readonly to: Hex; simulate(): Promise<Simulation> }
);

/** The quorum's door where enough replicas sign, else the hot key's or none, as configured. */
async function wayOf(batch: Batch, { chain }: BatchPlan, parts: SubmitParts, signal: AbortSignal): Promise<Way> {
  const { client, contract, account, quorum } = parts;
  const hot = (note: string): Way => {
    const simulate = () => simulateBatch(client, contract, account.address, batch);
    return { note, to: contract, data: encodeBatch(batch), simulate };
  };
  if (quorum === null) return hot("");
  const gathered = await gatherShares(batch, chain, quorum, signal).catch((error: unknown) => {
    const own = signal.aborted ? null : ownError(error);
    if (own === null) throw error;
    return { short: own.message };
  });
  if ("short" in gathered) {
    const outcome = quorum.fallback === "hold" ? "held" : "hot";
    quorum.events.note({ kind: "gathered", outcome, why: gathered.short });
    if (quorum.fallback === "hold") return { note: `held by the quorum: ${gathered.short}`, data: null };
    return hot(`by the hot key: ${gathered.short}`);
  }
  quorum.events.note({ kind: "gathered", outcome: "quorum", why: "" });
  const { place } = quorum;
  const { signatures } = gathered;
  return {
    note: `by the quorum's door, ${gathered.from} signatures`,
    to: place.door,
    data: encodeSignedBatch(place, batch, signatures),
    simulate: () => simulateSigned(client, place, account.address, batch, signatures),
  };
}

/** Nothing is sent: every market is held for what it would make liquidatable. */
async function heldWhole({ plan, held, report }: GatedPlan, tick: number): Promise<BatchResult> {
  await report(null, tick);
  const detail = held.map(({ market, reason }) => `${market} ${reason}`).join("; ");
  const nothing = { evidence: null, hash: null, intent: null, applied: [], skipped: held, heldByGate: held };
  return { ...nothing, status: "NOT_SENT", sequence: plan.sequence, detail: `${detail}. Governance decides` };
}

/** What is stored on chain for a market, for telling a tightening from a loosening. */
export function standingOf({ marketId, storedInitialBps, maintenanceTargetBps }: OnChainMarket): Standing {
  return { marketId, initialBps: storedInitialBps, maintenanceTargetBps };
}

function bundleOf(plan: BatchPlan): Parameters<typeof encodeBundle>[0] {
  return {
    schema: "tonsor.evidence.v2",
    modelVersion: plan.modelVersion,
    chainId: plan.chain.chainId,
    contract: plan.chain.contract as Hex,
    sequence: plan.sequence,
    now: plan.now,
    markets: plan.entries.map(({ input, assessment }) => ({
      name: input.market.name,
      marketId: input.onChain.marketId,
      parameters: input.market,
      observed: input.observed,
      history: input.history,
      onChain: input.onChain,
      decision: {
        initialBps: assessment.decision.initialBps,
        maintenanceTargetBps: assessment.decision.maintenanceTargetBps,
        asOf: assessment.decision.asOf,
        confidence: assessment.decision.confidence,
        sources: assessment.decision.sources,
      },
    })),
  };
}

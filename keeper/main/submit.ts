import type { LocalAccount, PublicClient } from "viem";
import type { BatchPlan, BatchResult } from "../cycle.ts";
import { type Batch, type Hex, updatesOf } from "../domain/batch.ts";
import type { OnChainMarket } from "../domain/decision.ts";
import { TonsorError } from "../domain/errors.ts";
import { encodeBundle } from "../evidence/bundle.ts";
import { encodeBatch, simulateBatch } from "../protocols/collateralParameters.ts";
import type { EvidenceStore } from "../runtime/evidenceFolder.ts";
import { monotonicClock } from "../runtime/monotonicClock.ts";
import type { Store } from "../runtime/store.ts";
import type { ReplacementRules } from "../submission/attempt.ts";
import type { ChainDoor } from "../submission/chainDoor.ts";
import type { FeeLimits } from "../submission/fees.ts";
import type { SendTimes } from "../submission/sendTimes.ts";
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
} & ReplacementRules;

/** What sending needs. */
export type SubmitParts = {
  readonly client: PublicClient;
  readonly door: ChainDoor;
  readonly account: LocalAccount;
  readonly contract: Hex;
  readonly chainId: number;
  readonly store: Store;
  readonly evidence: EvidenceStore;
  readonly fees: FeeLimits;
  readonly limits: TransactionLimits;
  readonly sends: SendTimes;
  readonly now: () => number;
};

/**
 * Stores the evidence, then simulates, journals, signs and sends one batch, and follows it for a while. What the
 * contract or the node refuses is an answer, not an exception: the cycle goes on and the next one decides afresh.
 */
export async function submitPlan(
  plan: BatchPlan,
  tick: number,
  parts: SubmitParts,
  signal: AbortSignal,
): Promise<BatchResult> {
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
  const result = { evidence, sequence: plan.sequence, applied: [], skipped: [], hash: null } as const;
  try {
    const simulation = await simulateBatch(parts.client, parts.contract, parts.account.address, batch);
    const skipped = simulation.skipped.map(({ marketId, reason, given, allowed }) => ({
      market: names.get(marketId) ?? `market ${marketId}`,
      reason: `${reason}: given ${given}, allowed ${allowed}`,
    }));
    const intent = await submitBatch(
      {
        tick,
        batch,
        to: parts.contract,
        data: encodeBatch(batch),
        gasLimit: (simulation.gas * BigInt(100 + parts.limits.gasMarginPercent)) / 100n,
        standing: [...plan.chain.markets.values()].map(standingOf),
      },
      {
        journal: parts.store,
        door: parts.door,
        chainId: parts.chainId,
        now: parts.now,
        account: parts.account,
        fees: parts.fees,
        replacement: parts.limits,
        sends: parts.sends,
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
      applied,
      skipped,
      detail: intent.detail ?? "",
    };
  } catch (error) {
    if (!(error instanceof TonsorError)) throw error;
    const refused = error.code === "TRANSACTION_REVERTED" || error.code === "TRANSACTION_REFUSED";
    return { ...result, status: refused ? "REFUSED" : "NOT_SENT", detail: `${error.message}. ${error.advice}` };
  }
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

import type { PublicClient } from "viem";
import type { Batch, Hex, Simulation } from "../domain/contract.ts";
import type { BatchPlan, BatchResult, ChainView, GatedPlan } from "../domain/cycle.ts";
import type { OnChainMarket } from "../domain/decision.ts";
import { TonsorError } from "../domain/errors.ts";
import type { EvidenceStore, Numbers } from "../domain/journal.ts";
import { piecesOf } from "../evidence/pieces.ts";
import { encodeBatch, simulateBatch } from "../protocols/collateralParameters.ts";
import { figure } from "../protocols/onChain.ts";
import type { SendContext } from "./context.ts";
import { submitBatch } from "./submitBatch.ts";

/**
 * How a batch reaches the contract, with what is said of it; `data` is null when it is not sent. `batch` is the one carried:
 * of the number that its writer has next.
 */
type Delivery = { readonly note: string } & (
  | { readonly data: null }
  | { readonly batch: Batch; readonly data: Hex; readonly to: Hex; simulate(): Promise<Simulation> }
);

/** What submitting a plan needs. */
export type SubmitParts = {
  readonly evidence: Pick<EvidenceStore, "put">;
  /** Takes out of a plan what must not be sent for what it would make liquidatable. */
  readonly gate: (plan: BatchPlan) => Promise<GatedPlan>;
  readonly deliver: (batch: Batch, chain: ChainView, signal: AbortSignal) => Promise<Delivery>;
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
  context: SendContext,
): Promise<BatchResult> {
  const { signal, limits } = context;
  const gated = await parts.gate(decided);
  signal.throwIfAborted();
  const { plan, held } = gated;
  if (plan.entries.length === 0) return await heldWhole(gated, tick);
  const evidence = await parts.evidence.put(piecesOf(bundleOf(plan)));
  const { sequence, modelVersion, contractEntries: entries } = plan;
  const planned = { sequence, deadline: plan.now + limits.deadlineSeconds, modelVersion, evidence, entries };
  const delivery = await parts.deliver(planned, plan.chain, signal);
  await gated.report(delivery.data === null ? null : { evidence, calldata: delivery.data }, tick);

  const unsent = { evidence, sequence, applied: [], ...gateSaid(gated) } as const;
  const notSent = (status: "NOT_SENT" | "REFUSED", detail: string): BatchResult => {
    return { ...unsent, hash: null, intent: null, status, detail: joined(delivery.note, detail) };
  };
  if (delivery.data === null) return notSent("NOT_SENT", "");
  try {
    const simulation = await delivery.simulate();
    signal.throwIfAborted();
    // Nodes and co-signers were asked since it was decided: checked again in the last moment before it is signed.
    const stopped = parts.stopped();
    if (stopped !== null) return notSent("NOT_SENT", `a kill switch was set while it was made ready: ${stopped}`);
    const gasLimit = (simulation.gas * BigInt(100 + limits.gasMarginPercent)) / 100n;
    const current = [...plan.chain.markets.values()].map(currentNumbers);
    const { batch, to, data } = delivery;
    const intent = await submitBatch({ tick, batch, to, data, gasLimit, current }, context);
    const { applied, skipped } = outcomeByMarket(plan, batch, simulation);
    return {
      ...unsent,
      sequence: batch.sequence,
      status: intent.status,
      hash: intent.transactionHash,
      intent: intent.id,
      applied,
      skipped: [...held, ...skipped],
      detail: joined(delivery.note, intent.detail ?? ""),
    };
  } catch (error) {
    if (!(error instanceof TonsorError)) throw error;
    const refused = ["TRANSACTION_REVERTED", "TRANSACTION_REFUSED", "TRANSACTION_FATAL"].includes(error.code);
    const { code, message, advice } = error;
    return { ...notSent(refused ? "REFUSED" : "NOT_SENT", `${message}. ${advice}`), code };
  }
}

const joined = (...parts: readonly string[]): string => parts.filter((part) => part !== "").join("; ");

/** Names of the markets that the contract takes, and of those it leaves as they are or does not loosen, with its reason. */
function outcomeByMarket({ entries }: BatchPlan, batch: Batch, simulation: Simulation) {
  const names = new Map(entries.map(({ input, assessment }) => [input.onChain.marketId, assessment.market]));
  const inWords = (refused: Simulation["skipped"], what: string) =>
    refused.map(({ marketId, reason, given, allowed }) => ({
      market: names.get(marketId) ?? `market ${marketId}`,
      reason: `${what}${reason}: given ${figure(reason, given)}, allowed ${figure(reason, allowed)}`,
    }));
  const skipped = inWords(simulation.skipped, "");
  const sent = batch.entries.map(({ marketId }) => names.get(marketId) ?? "");
  const applied = sent.filter((name) => !skipped.some(({ market }) => market === name));
  return { skipped: [...skipped, ...inWords(simulation.tightened, "its loosening, ")], applied };
}

/** What the gate held and what it weighed, for the result. */
function gateSaid({ held, weighed }: GatedPlan) {
  return { skipped: held, heldByGate: held, ...(weighed === undefined ? {} : { weighed }) };
}

/** Nothing is sent: every market is held for what it would make liquidatable. */
async function heldWhole(gated: GatedPlan, tick: number): Promise<BatchResult> {
  const { plan, held, report } = gated;
  await report(null, tick);
  const detail = held.map(({ market, reason }) => `${market} ${reason}`).join("; ");
  const nothing = { evidence: null, hash: null, intent: null, applied: [], ...gateSaid(gated) };
  return { ...nothing, status: "NOT_SENT", sequence: plan.sequence, detail: `${detail}. Governance decides` };
}

/** Sends a batch to the contract itself, by the keeper's own key. */
export function deliverByHotKey(client: PublicClient, contract: Hex, from: Hex) {
  return (batch: Batch, note = ""): Delivery => ({
    note,
    batch,
    to: contract,
    data: encodeBatch(batch),
    simulate: () => simulateBatch(client, contract, from, batch),
  });
}

/** What is stored on chain for a market, for telling a tightening from a loosening. */
export function currentNumbers({ marketId, storedInitialBps, maintenanceTargetBps, limit }: OnChainMarket): Numbers {
  return { marketId, initialBps: storedInitialBps, maintenanceTargetBps, limit };
}

function bundleOf({ modelVersion, chain, now, entries }: BatchPlan): Parameters<typeof piecesOf>[0] {
  const markets = entries.map(({ input: { market, observed, history, onChain }, assessment: { decision } }) => {
    const { initialBps, maintenanceTargetBps, limit, asOf, confidence, sources } = decision;
    return {
      ...{ name: market.name, marketId: onChain.marketId, parameters: market, observed, history, onChain },
      decision: { initialBps, maintenanceTargetBps, limit, asOf, confidence, sources },
    };
  });
  return { modelVersion, chainId: chain.chainId, contract: chain.contract as Hex, now, markets };
}

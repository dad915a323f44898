import type { AppliedBatch, Entry, Hex } from "../domain/contract.ts";
import { TonsorError } from "../domain/errors.ts";
import { tokensOf } from "../domain/exposureLimit.ts";
import type { EvidenceStore } from "../domain/journal.ts";
import { decodeBundle } from "../evidence/bundle.ts";
import { verifyBundle } from "../evidence/verify.ts";
import { readBatches } from "../protocols/events.ts";
import { figure } from "../protocols/revert.ts";
import { checkProvenance, type ProvenanceParts } from "./provenance.ts";
import { presentCode } from "./recompute.ts";

export type Verification = {
  readonly transaction: string;
  readonly evidenceHash: string;
  readonly verified: boolean;
  readonly markets: readonly VerifiedMarket[];
  /** The first difference, in words; null when verified. */
  readonly difference: string | null;
  /** What could not be compared, or was not applied, in words. */
  readonly notes: readonly string[];
};

/** The three numbers of an update; the exposure limit in whole tokens. */
type ThreeNumbers = {
  readonly initialBps: number;
  readonly maintenanceTargetBps: number;
  readonly exposureLimitTokens: number;
};

type VerifiedMarket = {
  readonly market: string;
  readonly onChain: ThreeNumbers;
  readonly recomputed: ThreeNumbers;
};

/**
 * Recomputes the batch of a transaction from the chain's events and the stored evidence alone, and holds the inputs in
 * that evidence against governance's parameters and the chain (`checkProvenance`). A changed byte, a missing market, a
 * differing basis point or an invented input is the answer `verified: false` with the first difference in words.
 * @param scope "numbers" stops after the recomputation: reading pools of old blocks again takes a node its time
 * @throws TonsorError UNKNOWN_TRANSACTION when the transaction carries no batch of this contract; EVIDENCE_MISSING
 */
export async function verifyTransaction(
  keeper: ProvenanceParts & { readonly evidence: Pick<EvidenceStore, "get"> },
  transaction: string,
  scope: "inputs" | "numbers" = "inputs",
): Promise<Verification> {
  const batches = await readBatches(keeper.client, keeper.contract, { transactionHash: transaction as Hex });
  const [batch] = batches;
  if (batch === undefined) {
    throw new TonsorError("UNKNOWN_TRANSACTION", "the transaction applied no batch to this contract", {
      field: "transaction",
      given: transaction,
      expected: `a transaction of the contract ${keeper.contract}`,
    });
  }
  const about = { transaction, evidenceHash: batch.evidence };
  const bytes = await readEvidence(keeper, batch.evidence);
  if (typeof bytes === "string") return { ...about, verified: false, markets: [], difference: bytes, notes: [] };
  const result = verifyBundle(bytes, batch.evidence, batch, presentCode(keeper));
  if (!result.ok) return { ...about, verified: false, markets: [], difference: result.difference, notes: [] };
  const markets = compared(bytes, batch, result.entries);
  const kept = tightenedOnly(bytes, batch);
  if (scope === "numbers") return { ...about, verified: true, markets, difference: null, notes: kept };
  const { difference, notes } = await checkProvenance(decodeBundle(bytes), batch, keeper);
  return { ...about, verified: difference === null, markets, difference, notes: [...kept, ...notes] };
}

/** The bytes, or what is wrong with them; missing evidence is an error, changed evidence an answer. */
async function readEvidence(
  keeper: { readonly evidence: Pick<EvidenceStore, "get"> },
  hash: Hex,
): Promise<Uint8Array | string> {
  try {
    return await keeper.evidence.get(hash);
  } catch (error) {
    if (!(error instanceof TonsorError && error.code === "EVIDENCE_MISMATCH")) throw error;
    const { given, expected } = error.facts;
    if (given === undefined) return error.message;
    return `the evidence was changed: it hashes to ${given}, the event on chain says ${expected}`;
  }
}

/** Markets that kept some number that another key had tightened, as notes. */
function tightenedOnly(bytes: Uint8Array, { tightened }: AppliedBatch): readonly string[] {
  const names = namesOf(bytes);
  return tightened.map(({ marketId, reason, given, allowed }) => {
    const why = `${reason}: given ${figure(reason, given)}, allowed ${figure(reason, allowed)}`;
    return `${names.get(marketId) ?? `market ${marketId}`}: only what tightens was applied (${why})`;
  });
}

const namesOf = (bytes: Uint8Array): ReadonlyMap<number, string> =>
  new Map(decodeBundle(bytes).markets.map((market) => [market.marketId, market.name]));

/** Chain against recomputation, market by market, for people; `verifyBundle` has compared every field already. */
function compared(bytes: Uint8Array, batch: AppliedBatch, again: readonly Entry[]): readonly VerifiedMarket[] {
  const names = namesOf(bytes);
  const applied = batch.entries.filter((entry) => !batch.skipped.some((one) => one.marketId === entry.marketId));
  return applied.flatMap((update) => {
    const market = names.get(update.marketId);
    const recomputed = again.find((entry) => entry.marketId === update.marketId);
    if (market === undefined || recomputed === undefined) return [];
    return { market, onChain: numbersOf(update), recomputed: numbersOf(recomputed) };
  });
}

function numbersOf({ initialBps, maintenanceTargetBps, limit }: Entry): ThreeNumbers {
  return { initialBps, maintenanceTargetBps, exposureLimitTokens: Number(tokensOf(limit)) };
}

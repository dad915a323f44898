import { getAddress, type PublicClient } from "viem";
import { signersOf } from "../cosign/signedBatch.ts";
import { type AppliedBatch, type Entry, type Hex, tokensOf } from "../domain/contract.ts";
import { TonsorError } from "../domain/errors.ts";
import type { EvidenceStore, PackedEvidence } from "../domain/journal.ts";
import { readEvidence } from "../evidence/bundle.ts";
import type { EvidenceBundle } from "../evidence/schema.ts";
import { verifyBundle } from "../evidence/verify.ts";
import { contractOf, readBatches } from "../protocols/events.ts";
import { figure, onChain } from "../protocols/onChain.ts";
import { checkProvenance, type ProvenanceParts } from "./provenance.ts";
import { presentCode } from "./recompute.ts";

export type Verification = {
  readonly transaction: string;
  /** The parameter contract that applied its batches. */
  readonly contract: Hex;
  /** Every batch is. */
  readonly verified: boolean;
  /** The first difference, in words, with its batch where there are several; null when verified. */
  readonly difference: string | null;
  /** In the transaction's order: one, but where somebody sends several at once. */
  readonly batches: readonly BatchVerification[];
};

type BatchVerification = {
  /** Whose keys stand behind the batch: a hot key, or those of the signer quorum that signed; empty where the transaction's call does not say it. */
  readonly signers: readonly Hex[];
  readonly evidenceHash: string;
  /** The first difference, in words; null when verified. */
  readonly difference: string | null;
  readonly markets: readonly VerifiedMarket[];
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
 * Recomputes every batch of a transaction from the chain's events and the stored evidence alone, and holds the inputs in
 * that evidence against governance's parameters and the chain (`checkProvenance`). A changed byte, a missing market, a
 * differing basis point or an invented input is the answer `verified: false` with the first difference in words.
 * @param scope "numbers" stops after the recomputation: reading pools of old blocks again takes a node its time
 * @throws TonsorError UNKNOWN_TRANSACTION when the transaction carries no batch of this contract; EVIDENCE_MISSING
 */
export async function verifyTransaction(
  parts: Omit<ProvenanceParts, "contract"> & {
    /** Absent: the one that the transaction names. */
    readonly contract?: Hex;
    readonly evidence: Pick<EvidenceStore, "get" | "part">;
  },
  transaction: string,
  scope: "inputs" | "numbers" = "inputs",
): Promise<Verification> {
  const contract = parts.contract ?? (await contractOf(parts.client, transaction as Hex));
  const keeper = { ...parts, contract };
  const batches = await readBatches(keeper.client, contract, { transactionHash: transaction as Hex });
  if (batches.length === 0) {
    throw new TonsorError("UNKNOWN_TRANSACTION", "the transaction applied no batch to this contract", {
      field: "transaction",
      given: transaction,
      expected: `a transaction of the contract ${keeper.contract}`,
    });
  }
  const judged: BatchVerification[] = [];
  for (const batch of batches) judged.push(await verifyBatch(keeper, batch, scope));
  const wrong = judged.findIndex(({ difference }) => difference !== null);
  const which = judged.length > 1 ? `batch ${wrong + 1} of ${judged.length}: ` : "";
  const difference = wrong === -1 ? null : `${which}${judged[wrong]?.difference}`;
  return { transaction, contract: getAddress(contract), verified: wrong === -1, difference, batches: judged };
}

async function verifyBatch(
  keeper: ProvenanceParts & { readonly evidence: Pick<EvidenceStore, "get" | "part"> },
  batch: AppliedBatch,
  scope: "inputs" | "numbers",
): Promise<BatchVerification> {
  const { signers, notes: signed } = await signatures(keeper.client, batch);
  const about = { signers, evidenceHash: batch.evidence };
  const evidence = await evidenceOf(keeper, batch.evidence);
  if (typeof evidence === "string") return { ...about, difference: evidence, markets: [], notes: [] };
  const result = verifyBundle(evidence, batch.evidence, batch, presentCode(keeper));
  if (!result.ok) return { ...about, difference: result.difference, markets: [], notes: [] };
  const { bundle } = result;
  const markets = compared(bundle, batch, result.entries);
  const kept = [...signed, ...tightenedOnly(bundle, batch)];
  if (scope === "numbers") return { ...about, difference: null, markets, notes: kept };
  const { difference, notes } = await checkProvenance(bundle, batch, keeper);
  return { ...about, difference, markets, notes: [...kept, ...notes] };
}

/** Whose keys stand behind a batch, and what their signatures say of the observations. */
async function signatures(client: PublicClient, batch: AppliedBatch) {
  const { writer, contract: parameters, evidence, transactionHash: hash } = batch;
  const { from, to, input } = await onChain(client, () => client.getTransaction({ hash }));
  const isOf = (account: Hex | null) => account?.toLowerCase() === writer.toLowerCase();
  if (isOf(from)) return { signers: [getAddress(from)], notes: [] };
  const place = { chainId: batch.chainId, gateway: writer, parameters };
  const signers = isOf(to) ? await signersOf(place, evidence, input) : null;
  if (signers === null)
    return { signers: [], notes: [`who signed is not in the transaction's own call: ${writer} gave the batch`] };
  const means = `each of the ${signers.length} signed these values and the hash of this evidence, after it held the values against its own observations`;
  return { signers, notes: [`${means}; those in the evidence are its proposer's, and the others keep theirs`] };
}

/** The pieces, or what is wrong with them; missing evidence is an error, changed evidence an answer. */
async function evidenceOf(
  keeper: { readonly evidence: Pick<EvidenceStore, "get" | "part"> },
  hash: Hex,
): Promise<PackedEvidence | string> {
  try {
    return await readEvidence(keeper.evidence, hash);
  } catch (error) {
    if (!(error instanceof TonsorError && error.code === "EVIDENCE_MISMATCH")) throw error;
    const { given, expected } = error.facts;
    if (given === undefined) return error.message;
    const says = expected === hash ? "the event on chain says" : "what names this part of it says";
    return `the evidence was changed: it hashes to ${given}, ${says} ${expected}`;
  }
}

/** Markets that kept some number that another key had tightened, as notes. */
function tightenedOnly(bundle: EvidenceBundle, { tightened }: AppliedBatch): readonly string[] {
  const names = namesOf(bundle);
  return tightened.map(({ marketId, reason, given, allowed }) => {
    const why = `${reason}: given ${figure(reason, given)}, allowed ${figure(reason, allowed)}`;
    return `${names.get(marketId) ?? `market ${marketId}`}: only what tightens was applied (${why})`;
  });
}

const namesOf = ({ markets }: EvidenceBundle): ReadonlyMap<number, string> =>
  new Map(markets.map((market) => [market.marketId, market.name]));

/** Chain against recomputation, market by market, for people; `verifyBundle` has compared every field already. */
function compared(bundle: EvidenceBundle, batch: AppliedBatch, again: readonly Entry[]): readonly VerifiedMarket[] {
  const names = namesOf(bundle);
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

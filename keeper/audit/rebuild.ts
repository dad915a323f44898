import { existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import type { PublicClient } from "viem";
import { decodeAnyBatch } from "../cosign/signedBatch.ts";
import type { AppliedBatch, Hex } from "../domain/contract.ts";
import { TonsorError } from "../domain/errors.ts";
import type { EvidenceStore } from "../domain/journal.ts";
import type { Progress } from "../domain/progress.ts";
import { decodeBundle, readEvidence } from "../evidence/bundle.ts";
import type { EvidenceBundle } from "../evidence/schema.ts";
import { evidenceFolder } from "../journal/evidenceFolder.ts";
import { type RestoredMemory, type RestoredTransaction, restoreJournal } from "../journal/restore.ts";
import { loosens } from "../pipeline.ts";
import type { Deployment } from "../protocols/deployment.ts";
import { readBatches } from "../protocols/events.ts";
import { onChain } from "../protocols/onChain.ts";

/** What a rebuilt journal was made of. */
type Rebuilt = {
  /** Transactions that the chain has applied. */
  readonly transactions: number;
  /** Markets whose memory came back from evidence. */
  readonly markets: number;
  /** Transactions whose evidence is not in the folder. */
  readonly withoutEvidence: number;
  /** Where the old files are now. */
  readonly moved: readonly string[];
};

/** A restored journal counts a rise of initial by more than this at once as one above the daily-rise limit. */
const DAILY_RISE_BPS = 500;

/**
 * Moves the journal aside and writes a new one: every batch that the chain applied, and, from the newest evidence of
 * each market, what the keeper remembered when it decided that. What was observed since then is lost, and so is what was
 * never sent; the next cycles observe and decide again. The old files are renamed, never deleted.
 * @throws TonsorError RPC_FAILED, WRONG_CHAIN, DISK_FULL
 */
export async function rebuildJournal(parts: {
  readonly client: PublicClient;
  readonly deployment: Deployment;
  readonly stateFolder: string;
  /** Names the moved files, e.g. "2026-02-06T12-00-00Z". */
  readonly label: string;
  readonly progress: Progress;
  /** Aborted before anything was moved, it leaves all as it was. */
  readonly signal: AbortSignal;
}): Promise<Rebuilt> {
  const { client, deployment, stateFolder, progress, signal } = parts;
  const contract = deployment.contract.address as Hex;
  const evidence = evidenceFolder(join(stateFolder, "evidence"));
  // Everything is read before anything is moved: a node that fails leaves all as it was.
  const toBlock = await onChain(client, () => client.getBlockNumber());
  const span = { fromBlock: BigInt(deployment.contract.block), toBlock };
  const batches = await readBatches(client, contract, span, (done, of) => {
    progress(done, of, "searching batches in the chain's events");
  });
  // Of the bundles only the newest memory of each market is kept: a year of them would fill gigabytes.
  const found = new Set<Hex>();
  const newest = new Map<number, RestoredMemory>();
  const transactions: RestoredTransaction[] = [];
  for (const [index, batch] of batches.entries()) {
    signal.throwIfAborted();
    const bundle = await bundleOf(evidence, batch.evidence);
    if (bundle !== null) {
      found.add(batch.evidence);
      noteMemories(bundle, newest);
    }
    const transaction = await transactionOf(client, deployment, batch, bundle?.now ?? null);
    if (transaction !== null) transactions.push(transaction);
    progress(index + 1, batches.length, "reading transactions and their evidence");
  }
  signal.throwIfAborted();
  const file = join(stateFolder, "journal.sqlite");
  const moved: string[] = [];
  for (const suffix of ["", "-wal", "-shm"]) {
    if (!existsSync(file + suffix)) continue;
    const aside = `${file}.${parts.label}${suffix}`;
    renameSync(file + suffix, aside);
    moved.push(aside);
  }
  const memories = [...newest.values()];
  restoreJournal(file, { chainId: deployment.chainId, contract }, transactions, memories);
  const without = batches.filter((batch) => !found.has(batch.evidence)).length;
  return { transactions: transactions.length, markets: memories.length, withoutEvidence: without, moved };
}

async function bundleOf(evidence: EvidenceStore, hash: Hex): Promise<EvidenceBundle | null> {
  try {
    return decodeBundle(await readEvidence(evidence, hash));
  } catch (error) {
    // Another instance's evidence, or a file that was damaged: the chain's own part is restored without it.
    if (error instanceof TonsorError && error.code.startsWith("EVIDENCE_")) return null;
    throw error;
  }
}

/** A batch as its sender's journal had it; null for one that came through a contract not known. */
async function transactionOf(
  client: PublicClient,
  { contract, gateways }: Deployment,
  batch: AppliedBatch,
  decidedAt: number | null,
): Promise<RestoredTransaction | null> {
  const { transactionHash, blockNumber } = batch;
  return onChain(client, async () => {
    const sent = await client.getTransaction({ hash: transactionHash });
    const known = [contract.address, gateways.quorum?.address].map((one) => one?.toLowerCase());
    if (sent.to === null || !known.includes(sent.to.toLowerCase())) return null;
    const plannedAt = decidedAt ?? Number((await client.getBlock({ blockNumber })).timestamp);
    return {
      plannedAt,
      blockNumber,
      from: sent.from,
      to: sent.to,
      nonce: sent.nonce,
      gasLimit: sent.gas,
      maxFeePerGas: sent.maxFeePerGas ?? sent.gasPrice ?? 0n,
      maxPriorityFeePerGas: sent.maxPriorityFeePerGas ?? 0n,
      transactionHash,
      batch: decodeAnyBatch(sent.input),
    };
  });
}

/** Keeps of a bundle the memory of each market whose newest it is so far. */
function noteMemories(bundle: EvidenceBundle, newest: Map<number, RestoredMemory>): void {
  for (const { marketId, history, onChain: market, decision } of bundle.markets) {
    if ((newest.get(marketId)?.at ?? 0) > bundle.now) continue;
    const moved = decision.initialBps - market.storedInitialBps;
    const loosened = loosens(market, decision);
    newest.set(marketId, { marketId, at: bundle.now, history, loosened, breaker: moved > DAILY_RISE_BPS });
  }
}

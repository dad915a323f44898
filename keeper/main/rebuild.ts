import { existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import type { PublicClient } from "viem";
import type { Rebuilt } from "../cli/services.ts";
import type { AppliedBatch, Hex } from "../domain/batch.ts";
import { TonsorError } from "../domain/errors.ts";
import { decodeBundle, type EvidenceBundle } from "../evidence/bundle.ts";
import type { Deployment } from "../protocols/deployment.ts";
import { readBatches } from "../protocols/events.ts";
import { onChain } from "../protocols/onChain.ts";
import { decodeAnyBatch } from "../protocols/signedBatch.ts";
import { openDatabase } from "../runtime/database.ts";
import { type EvidenceStore, evidenceFolder } from "../runtime/evidenceFolder.ts";
import { type RestoredMemory, type RestoredTransaction, restoreJournal } from "../runtime/restoreJournal.ts";

/** A rise of initial by more than this at once trips the breaker; a restored journal counts it as one that did. */
const BREAKER_BPS = 500;

/**
 * Moves the journal aside and writes a new one: every batch that the chain applied, and, from the newest evidence of
 * each market, what the keeper remembered when it decided that. What was seen since then is lost, and so is what was
 * never sent; both are looked at again by the next cycles. The old files are renamed, never deleted.
 * @throws TonsorError RPC_FAILED, WRONG_CHAIN, DISK_FULL
 */
export async function rebuildJournal(parts: {
  readonly client: PublicClient;
  readonly deployment: Deployment;
  readonly stateFolder: string;
  /** Names the moved files, e.g. "2026-02-06T12-00-00Z". */
  readonly label: string;
}): Promise<Rebuilt> {
  const { client, deployment, stateFolder } = parts;
  const contract = deployment.contract.address as Hex;
  const evidence = evidenceFolder(join(stateFolder, "evidence"));
  // Everything is read before anything is moved: a node that fails leaves all as it was.
  const toBlock = await onChain(client, () => client.getBlockNumber());
  const batches = await readBatches(client, contract, { fromBlock: BigInt(deployment.contract.block), toBlock });
  const bundles = new Map<Hex, EvidenceBundle>();
  for (const { evidence: hash } of batches) {
    const bundle = await bundleOf(evidence, hash);
    if (bundle !== null) bundles.set(hash, bundle);
  }
  const transactions: RestoredTransaction[] = [];
  for (const batch of batches) {
    const transaction = await transactionOf(client, deployment, batch, bundles);
    if (transaction !== null) transactions.push(transaction);
  }
  const file = join(stateFolder, "journal.sqlite");
  const moved: string[] = [];
  for (const suffix of ["", "-wal", "-shm"]) {
    if (!existsSync(file + suffix)) continue;
    const aside = `${file}.${parts.label}${suffix}`;
    renameSync(file + suffix, aside);
    moved.push(aside);
  }
  const memories = newestMemories([...bundles.values()]);
  const database = openDatabase(file, { chainId: deployment.chainId, contract });
  try {
    restoreJournal(database, transactions, memories);
  } finally {
    database.close();
  }
  const without = batches.filter((batch) => !bundles.has(batch.evidence)).length;
  return { transactions: transactions.length, markets: memories.length, withoutEvidence: without, moved };
}

async function bundleOf(evidence: EvidenceStore, hash: Hex): Promise<EvidenceBundle | null> {
  try {
    return decodeBundle(await evidence.get(hash));
  } catch (error) {
    // Another replica's evidence, or a file that was damaged: the chain's own part is restored without it.
    if (error instanceof TonsorError && error.code.startsWith("EVIDENCE_")) return null;
    throw error;
  }
}

/** A batch as its sender's journal had it; null for one that came through a contract not known. */
async function transactionOf(
  client: PublicClient,
  { contract, doors }: Deployment,
  batch: AppliedBatch,
  bundles: ReadonlyMap<Hex, EvidenceBundle>,
): Promise<RestoredTransaction | null> {
  const { transactionHash, blockNumber, evidence } = batch;
  return onChain(client, async () => {
    const sent = await client.getTransaction({ hash: transactionHash });
    const known = [contract.address, doors.quorum?.address].map((one) => one?.toLowerCase());
    if (sent.to === null || !known.includes(sent.to.toLowerCase())) return null;
    const plannedAt = bundles.get(evidence)?.now ?? Number((await client.getBlock({ blockNumber })).timestamp);
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

/** The memory of each market in its newest bundle. */
function newestMemories(bundles: readonly EvidenceBundle[]): readonly RestoredMemory[] {
  const newest = new Map<number, RestoredMemory>();
  for (const bundle of bundles) {
    for (const { marketId, history, onChain: stood, decision } of bundle.markets) {
      if ((newest.get(marketId)?.at ?? 0) > bundle.now) continue;
      const moved = decision.initialBps - stood.storedInitialBps;
      newest.set(marketId, { marketId, at: bundle.now, history, loosened: moved < 0, breaker: moved > BREAKER_BPS });
    }
  }
  return [...newest.values()];
}

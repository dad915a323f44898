import { TonsorError } from "../domain/errors.ts";
import type { Intent } from "../domain/intent.ts";
import type { Journal } from "../domain/journal.ts";
import type { ChainDoor } from "./chainDoor.ts";
import { handOver } from "./handOver.ts";
import type { SendTimes } from "./sendTimes.ts";
import { noteLanded, openNonces, watchEnded } from "./watch.ts";

/** What settling needs: the journal, the node, the chain it must be of, and the cycle's clock (Unix seconds). */
export type SettleContext = {
  readonly journal: Journal;
  readonly door: ChainDoor;
  readonly chainId: number;
  readonly now: () => number;
  readonly sends: SendTimes;
  /** False while a kill switch is set: nothing is sent again then. Absent: true. */
  readonly maySend?: () => boolean;
  /** So many blocks deep a transaction is final; until then it is watched. Absent: in a block is final. */
  readonly confirmations?: number;
  /** Known to the nodes and still unmined, the same bytes are handed over again after this. Absent: never. */
  readonly resendAfterSeconds?: number;
  /** After so many blocks unmined a private tightening is given to the public nodes. Absent: never. */
  readonly fallbackBlocks?: number;
};

/**
 * Settles what the journal holds open, by asking the chain for each transaction *by its hash*; returns what is still
 * open. To be called on start and before anything else is sent. Safe to repeat, and to be killed anywhere in it.
 *
 * All open intents compete for one nonce (the journal sees to it). When one of them is in a block, the others are
 * SUPERSEDED. The newest, when the node does not know it, is sent again, the identical bytes, while its deadline has
 * not passed: at most one transaction per nonce can ever be in a block, so sending twice is harmless.
 * @throws TonsorError `WRONG_CHAIN`; `RPC_FAILED` when a node does not answer a question (nothing was concluded then).
 */
export async function reconcile(context: SettleContext): Promise<readonly Intent[]> {
  const { journal } = context;
  if (journal.openIntents().length === 0 && journal.watchedIntents().length === 0) return [];
  await assertChain(context);
  await watchEnded(context);
  // Several nonces are open only after a reorganisation; a later one can move only when the earlier has ended.
  for (const nonce of openNonces(journal.openIntents())) {
    const rivals = () => journal.openIntents().filter((one) => one.nonce === nonce);
    await settle(rivals(), context);
    if (rivals().length > 0) break;
  }
  return journal.openIntents();
}

/** Throws `WRONG_CHAIN` unless the node is of the chain configured. */
export async function assertChain({ door, chainId }: SettleContext): Promise<void> {
  const answered = await door.chainId();
  if (answered === chainId) return;
  throw new TonsorError("WRONG_CHAIN", "the node is of another chain", {
    given: answered,
    expected: `chain ${chainId}`,
  });
}

/** Settles the open intents of one nonce: by receipt, by the nonce, by the pool, by the deadline, else by sending again. */
export async function settle(open: readonly Intent[], context: SettleContext): Promise<void> {
  const { journal, door, now, maySend } = context;
  const { resendAfterSeconds } = context;
  const waitedLong = (hash: Intent["transactionHash"]) =>
    resendAfterSeconds !== undefined && context.sends.sinceLastMs(hash) >= resendAfterSeconds * 1_000;
  const newest = open.at(-1);
  if (newest === undefined || (await settleByReceipt(open, context))) return;

  const used = (await door.nonce(newest.from, "latest")) > newest.nonce;
  // One may have been mined between the two questions: only a second look without a receipt proves another's nonce.
  if (used && (await settleByReceipt(open, context))) return;
  let known = false;
  for (const intent of open) {
    known = await door.knows(intent.transactionHash);
    if (known && !used) journal.markSent(intent.id, now());
    // A node that says the nonce is used, yet has the transaction without a receipt, contradicts itself: ask again later.
    if (known && used) return;
  }
  if (used) {
    const detail = `nonce ${newest.nonce} was used by a transaction that the journal does not know`;
    const { confirmations = 0 } = context;
    const { number: blockNumber } = await door.latestBlock();
    const change = { status: "SUPERSEDED", at: now(), detail, blockNumber, final: confirmations === 0 } as const;
    for (const { id } of open) journal.resolveIntent(id, change);
    return;
  }
  if (known && (!waitedLong(newest.transactionHash) || maySend?.() === false)) return;
  if (known) return handOver(newest, context, "again");
  const { time, number } = await door.latestBlock();
  if (time > newest.batch.deadline) {
    const detail = `not on the chain when its deadline ${newest.batch.deadline} passed`;
    return journal.resolveIntent(newest.id, { status: "DROPPED", at: now(), detail });
  }
  if (maySend?.() === false) return;
  if (newest.route === "private") {
    const waited = newest.plannedBlock === null ? 0n : number - newest.plannedBlock;
    const due = context.fallbackBlocks !== undefined && waited >= BigInt(context.fallbackBlocks);
    if (due && newest.tightens) journal.makePublic(newest.id);
    else if (!waitedLong(newest.transactionHash)) return;
  }
  await handOver(journal.intent(newest.id), context, "again");
}

/** CONFIRMED or REVERTED for the intent that is in a block, SUPERSEDED for its rivals; false when none is in a block. */
export async function settleByReceipt(open: readonly Intent[], context: SettleContext): Promise<boolean> {
  for (const intent of open) {
    const receipt = await context.door.receipt(intent.transactionHash);
    if (receipt === null) continue;
    noteLanded(open, { intent, receipt }, context);
    return true;
  }
  return false;
}

import { TonsorError } from "../domain/errors.ts";
import type { Intent } from "../domain/intent.ts";
import type { ChainDoor } from "./chainDoor.ts";
import { handOver } from "./handOver.ts";
import type { Journal } from "./journal.ts";
import type { SendTimes } from "./sendTimes.ts";

/** What settling needs: the journal, the node, the chain it must be of, and the cycle's clock (Unix seconds). */
export type SettleContext = {
  readonly journal: Journal;
  readonly door: ChainDoor;
  readonly chainId: number;
  readonly now: () => number;
  readonly sends: SendTimes;
  /** False while a kill switch is set: nothing is sent again then. Absent: true. */
  readonly maySend?: () => boolean;
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
  const open = context.journal.openIntents();
  if (open.length === 0) return open;
  await assertChain(context);
  await settle(open, context);
  return context.journal.openIntents();
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
    for (const { id } of open) journal.resolveIntent(id, { status: "SUPERSEDED", at: now(), detail });
    return;
  }
  if (known) return;
  const { time } = await door.latestBlock();
  if (time > newest.batch.deadline) {
    const detail = `not on the chain when its deadline ${newest.batch.deadline} passed`;
    return journal.resolveIntent(newest.id, { status: "DROPPED", at: now(), detail });
  }
  if (maySend?.() !== false) await handOver(newest, context, "again");
}

/** CONFIRMED or REVERTED for the intent that is in a block, SUPERSEDED for its rivals; false when none is in a block. */
export async function settleByReceipt(
  open: readonly Intent[],
  { journal, door, now }: SettleContext,
): Promise<boolean> {
  for (const { id, nonce, transactionHash } of open) {
    const receipt = await door.receipt(transactionHash);
    if (receipt === null) continue;
    const { blockNumber, success } = receipt;
    journal.resolveIntent(id, { status: success ? "CONFIRMED" : "REVERTED", at: now(), blockNumber });
    const detail = `nonce ${nonce} was used by ${transactionHash}`;
    for (const rival of open) {
      if (rival.id !== id) journal.resolveIntent(rival.id, { status: "SUPERSEDED", at: now(), detail });
    }
    return true;
  }
  return false;
}

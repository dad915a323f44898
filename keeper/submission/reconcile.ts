import type { Hex } from "../domain/batch.ts";
import { TonsorError } from "../domain/errors.ts";
import type { Intent } from "../domain/intent.ts";
import type { ChainDoor } from "./chainDoor.ts";
import type { Journal } from "./journal.ts";
import { classifySendError, errorText } from "./sendError.ts";

/** What settling needs: the journal, the node, the chain it must be of, and the cycle's clock (Unix seconds). */
export type SettleContext = {
  readonly journal: Journal;
  readonly door: ChainDoor;
  readonly chainId: number;
  readonly now: () => number;
};

/**
 * Settles what the journal holds open, by asking the chain for each transaction *by its hash*; returns what is still
 * open. To be called on start and before anything else is sent. Safe to repeat, and to be killed anywhere in it.
 *
 * A transaction the node does not know is sent again, the identical bytes, while its nonce is free and its deadline has
 * not passed: at most one transaction per nonce can ever be in a block, so sending twice is harmless.
 * @throws TonsorError `WRONG_CHAIN`; `RPC_FAILED` when a node does not answer a question (nothing was concluded then).
 */
export async function reconcile(context: SettleContext): Promise<readonly Intent[]> {
  const open = context.journal.openIntents();
  if (open.length === 0) return open;
  await assertChain(context);
  for (const intent of open) await settle(intent, context);
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

/** Settles one intent: by receipt, by the pool, by its nonce, by its deadline, else by sending it again. */
export async function settle(intent: Intent, context: SettleContext): Promise<void> {
  const { journal, door, now } = context;
  if (await settleByReceipt(intent, context)) return;
  if (await door.knows(intent.transactionHash)) return journal.markSent(intent.id, now());

  const used = await door.nonce(intent.from, "latest");
  if (used > intent.nonce) {
    // It may have been mined between the two questions: only a second look without a receipt proves another's nonce.
    if (await settleByReceipt(intent, context)) return;
    const detail = `nonce ${intent.nonce} was used by another transaction`;
    return journal.resolveIntent(intent.id, { status: "SUPERSEDED", at: now(), detail });
  }
  const { time } = await door.latestBlock();
  if (time > intent.batch.deadline) {
    const detail = `not on the chain when its deadline ${intent.batch.deadline} passed`;
    return journal.resolveIntent(intent.id, { status: "DROPPED", at: now(), detail });
  }
  await handOver(intent, context);
}

/** Confirmed or reverted when the transaction is in a block; false when it is not. */
export async function settleByReceipt(
  intent: { readonly id: number; readonly transactionHash: Hex },
  { journal, door, now }: SettleContext,
): Promise<boolean> {
  const receipt = await door.receipt(intent.transactionHash);
  if (receipt === null) return false;
  const { blockNumber, success } = receipt;
  journal.resolveIntent(intent.id, { status: success ? "CONFIRMED" : "REVERTED", at: now(), blockNumber });
  return true;
}

/**
 * Sends the bytes of an intent and writes down what came of it: SENT; DROPPED when the node refused for a clear reason
 * and does not have it; UNKNOWN when there is no telling. Never throws for what the node says.
 */
export async function handOver(intent: Intent, { journal, door, now }: SettleContext): Promise<void> {
  const failure = await door.send(intent.rawTransaction).then(
    () => null,
    (error: unknown) => ({ error }),
  );
  if (failure === null) return journal.markSent(intent.id, now());
  const verdict = classifySendError(failure.error);
  const detail = `${verdict}: ${errorText(failure.error).slice(0, 300)}`;
  if (verdict === "ALREADY_KNOWN") return journal.markSent(intent.id, now());
  // A low nonce is also what a node says of a transaction that it has just put into a block; by hash we shall know.
  if (verdict === "UNCLEAR" || verdict === "NONCE_USED") return journal.markUnknown(intent.id, now(), detail);
  const known = await door.knows(intent.transactionHash).catch(() => null);
  if (known === false) return journal.resolveIntent(intent.id, { status: "DROPPED", at: now(), detail });
  if (known === true) return journal.markSent(intent.id, now());
  journal.markUnknown(intent.id, now(), detail);
}

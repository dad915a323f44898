import type { Batch, Hex } from "../domain/batch.ts";
import { TonsorError } from "../domain/errors.ts";
import { INTENT_STATUSES, type Intent } from "../domain/intent.ts";
import { attempt, type SendContext } from "./attempt.ts";
import { chooseFees } from "./fees.ts";
import { fillGap } from "./fillGap.ts";
import { freeNonce } from "./nonceDoor.ts";
import { assertChain, reconcile, settle, settleByReceipt } from "./reconcile.ts";
import { batchDraft, replaceOpen } from "./replace.ts";
import type { Standing } from "./tightening.ts";
import { gapBelow, lowestNonce } from "./watch.ts";

/** What `submitBatch` sends with. */
export type SubmitContext = SendContext & {
  /** How long to look for the receipt, and how often, milliseconds. */
  readonly receiptTimeoutMs: number;
  readonly pollMs: number;
  /** Waits; ends early, without an error, when the signal is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
};

/** One transaction: a batch, where it goes, its calldata, and the gas it may use. */
export type Submission = {
  readonly tick: number;
  readonly batch: Batch;
  readonly to: Hex;
  readonly data: Hex;
  readonly gasLimit: bigint;
  /** What stood on chain when the batch was decided: tells a tightening from a loosening. */
  readonly standing: readonly Standing[];
};

/**
 * Signs a batch, writes the intent down, *then* sends it, and returns the intent as it stands when its receipt was
 * found, the time is up, or the signal was aborted. An open status in the answer is no error: `reconcile` settles it
 * next time. One nonce at a time: while an earlier transaction is open, the batch takes its place or is not sent, see
 * `replaceOpen`.
 * @throws TonsorError, with the batch not sent: `TRANSACTION_UNKNOWN` while something else is in flight,
 * `FEE_CAP_EXCEEDED`, `TRANSACTION_REFUSED` for lack of ether, `WRONG_CHAIN`, `RPC_FAILED`.
 */
export async function submitBatch(submission: Submission, context: SubmitContext): Promise<Intent> {
  const { account, door, journal } = context;
  const before = journal.openIntents();
  const open = await reconcile(context);
  await assertChain(context);
  const gap = await gapBelow(open, account.address, context);
  if (gap !== null) return await follow(await fillGap(batchDraft(submission), gap, context), context);
  if (open.length > 0) return await follow(await replaceOpen(submission, lowestNonce(open), context), context);

  const mined = before.map(({ id }) => journal.intent(id)).find(({ status }) => status === "CONFIRMED");
  if (mined !== undefined) {
    throw new TonsorError("TRANSACTION_UNKNOWN", "the chain moved on since this batch was decided", {
      given: `${mined.transactionHash} is in block ${mined.blockNumber}`,
      expected: "the state that the batch was decided on; the next cycle decides afresh",
    });
  }
  const nonce = await freeNonce(account.address, door, journal.nonceFloor(account.address));
  const fees = chooseFees((await door.latestBlock()).baseFee, context.fees);
  return await follow(await attempt(batchDraft(submission), { nonce, fees, replaces: null }, context), context);
}

/**
 * Looks for a receipt of the intent, or of what it competes with, until one is there, the time is up, or the signal is
 * aborted; an unclear one is settled.
 */
async function follow(planned: Intent, context: SubmitContext): Promise<Intent> {
  const { journal, pollMs, receiptTimeoutMs, sleep, signal } = context;
  for (let waited = 0; ; waited += pollMs) {
    const intent = journal.intent(planned.id);
    if (!INTENT_STATUSES[intent.status].open || waited > receiptTimeoutMs || signal.aborted) return intent;
    // A node that does not answer now may answer at the next look.
    const open = lowestNonce(journal.openIntents());
    const look = intent.status === "UNKNOWN" ? settle(open, context) : settleByReceipt(open, context);
    await look.catch(rethrowUnlessRetryable);
    if (INTENT_STATUSES[journal.intent(planned.id).status].open) await sleep(pollMs, signal);
  }
}

function rethrowUnlessRetryable(error: unknown): void {
  if (!(error instanceof TonsorError && error.retryable)) throw error;
}

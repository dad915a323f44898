import { TonsorError } from "../domain/errors.ts";
import { INTENT_STATUSES, type Intent } from "../domain/intent.ts";
import type { Numbers } from "../domain/journal.ts";
import type { SendContext } from "./context.ts";
import { chooseFees, marketNow } from "./fees.ts";
import { freeNonce, gapBelow, isOf, lowestNonce } from "./nonces.ts";
import { assertChain, reconcile, settle, settleByReceipt } from "./reconcile.ts";
import { fillGap, ownOpen, replaceOpen } from "./replace.ts";
import { attempt, type Draft } from "./send.ts";
import { raises } from "./tightening.ts";

/** One transaction: a batch, where it goes, its calldata, and the gas it may use. */
type Submission = Omit<Draft, "kind" | "tightens"> & {
  /** Numbers on chain when the batch was decided: they tell a tightening from a loosening. */
  readonly current: readonly Numbers[];
};

/**
 * Signs a batch, writes the intent down, *then* sends it, and returns the intent as it is when its receipt was found,
 * the time is up, or the signal was aborted. An open status in the answer is no error: `reconcile` settles it next
 * time. One nonce at a time: while an earlier transaction of this key is open, the batch takes its place or is not sent,
 * see `replaceOpen`; what another key has left open holds nothing back.
 * @throws TonsorError, with the batch not sent: `TRANSACTION_UNKNOWN` while something else is in flight,
 * `NONCE_UNCLEAR`, `FEE_CAP_EXCEEDED`, `SPEND_BUDGET`, `TRANSACTION_REFUSED` for lack of ether, `WRONG_CHAIN`, `RPC_FAILED`.
 */
export async function submitBatch(submission: Submission, context: SendContext): Promise<Intent> {
  const { broadcaster, journal } = context;
  const { current, ...transaction } = submission;
  const tightens = raises(submission.batch.entries, current);
  const draft: Draft = { ...transaction, kind: "BATCH", tightens };
  const before = journal.openIntents();
  await reconcile(context);
  const open = ownOpen(context);
  if (open.length > 0) await assertChain(context);
  const gap = await gapBelow(open, journal, broadcaster);
  if (gap !== null) return await follow(await fillGap(draft, gap, context), context);
  if (open.length > 0) return await follow(await replaceOpen(draft, current, lowestNonce(open), context), context);

  // What brought lenders up moved nothing that a batch is decided on.
  const settled = before.filter(({ kind }) => kind !== "SYNC").map(({ id }) => journal.intent(id));
  const mined = settled.find(({ status }) => status === "CONFIRMED");
  if (mined !== undefined) {
    throw new TonsorError("TRANSACTION_UNKNOWN", "the chain moved on since this batch was decided", {
      given: `${mined.transactionHash} is in block ${mined.blockNumber}`,
      expected: "the state that the batch was decided on; the next cycle decides afresh",
    });
  }
  return await sendNext(draft, context);
}

/**
 * Signs a draft at the key's next nonce, of which nothing may be open, writes it down, sends and follows it as above.
 * @throws TonsorError as `submitBatch` does
 */
export async function sendNext(draft: Draft, context: SendContext): Promise<Intent> {
  const { account, broadcaster, journal } = context;
  await assertChain(context);
  const { confirmations } = context.limits;
  const floor = journal.nonceFloor(account.address);
  const nonce = await freeNonce(account.address, broadcaster, { floor, confirmations });
  const { baseFee, limits } = await marketNow(context);
  const fees = chooseFees(baseFee, limits);
  return await follow(await attempt(draft, { nonce, fees, replaces: null }, context), context);
}

/**
 * Asks for a receipt of the intent, or of what it competes with, until there is one, the time is up, or the signal is
 * aborted; an unclear one is settled.
 */
async function follow(planned: Intent, context: SendContext): Promise<Intent> {
  const { journal, limits, sleep, signal } = context;
  const pollMs = limits.pollMilliseconds;
  for (let waited = 0; ; waited += pollMs) {
    const intent = journal.intent(planned.id);
    const timeIsUp = waited > limits.receiptTimeoutSeconds * 1_000;
    if (!INTENT_STATUSES[intent.status].open || timeIsUp || signal.aborted) return intent;
    const open = journal.openIntents().filter((one) => isOf(one, intent.from) && one.nonce === intent.nonce);
    const check = intent.status === "UNKNOWN" ? settle(open, context) : settleByReceipt(open, context);
    // A node that does not answer now may answer the next time.
    await check.catch(rethrowUnlessRetryable);
    if (INTENT_STATUSES[journal.intent(planned.id).status].open) await sleep(pollMs, signal);
  }
}

function rethrowUnlessRetryable(error: unknown): void {
  if (!(error instanceof TonsorError && error.retryable)) throw error;
}

import { keccak256, type LocalAccount } from "viem";
import type { Batch, Hex } from "../domain/batch.ts";
import { TonsorError } from "../domain/errors.ts";
import { INTENT_STATUSES, type Intent } from "../domain/intent.ts";
import { chooseFees, type FeeLimits } from "./fees.ts";
import { assertChain, handOver, reconcile, type SettleContext, settle, settleByReceipt } from "./reconcile.ts";

/** What `submitBatch` sends with. */
export type SubmitContext = SettleContext & {
  readonly account: LocalAccount;
  readonly fees: FeeLimits;
  /** How long to look for the receipt, and how often, milliseconds. */
  readonly receiptTimeoutMs: number;
  readonly pollMs: number;
  /** Waits; ends early, without an error, when the signal is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
};

/** One transaction: a batch, where it goes, its calldata, and the gas it may use. */
export type Submission = {
  readonly tick: number;
  readonly batch: Batch;
  readonly to: Hex;
  readonly data: Hex;
  readonly gasLimit: bigint;
};

/**
 * Signs a batch, writes the intent down, *then* sends it, and returns the intent as it stands when its receipt was
 * found, the time is up, or the signal was aborted. An open status in the answer is no error: `reconcile` settles it
 * next time. One transaction at a time: an open intent is settled first, and while one remains nothing is sent.
 * @throws TonsorError, with nothing sent: `TRANSACTION_UNKNOWN` while something is in flight, `FEE_CAP_EXCEEDED`,
 * `TRANSACTION_REFUSED` for lack of ether, `WRONG_CHAIN`, `RPC_FAILED`.
 */
export async function submitBatch(submission: Submission, context: SubmitContext): Promise<Intent> {
  const { account, journal, door, chainId, now, signal } = context;
  const open = await reconcile(context);
  if (open.length > 0) {
    throw new TonsorError("TRANSACTION_UNKNOWN", "an earlier transaction is still in flight", {
      given: open.map((intent) => `${intent.transactionHash} ${intent.status}`).join(", "),
      expected: "none open",
    });
  }
  await assertChain(context);
  const nonce = await freeNonce(account.address, context);
  const fees = chooseFees((await door.latestBlock()).baseFee, context.fees);
  await assertFunds(account.address, submission.gasLimit * fees.maxFeePerGas, context);
  const transaction = { chainId, nonce, to: submission.to, data: submission.data, gas: submission.gasLimit, ...fees };
  const rawTransaction = await account.signTransaction({ ...transaction, type: "eip1559" });
  signal.throwIfAborted();

  const intent = journal.planIntent({
    tick: submission.tick,
    plannedAt: now(),
    batch: submission.batch,
    from: account.address,
    to: submission.to,
    nonce,
    gasLimit: submission.gasLimit,
    ...fees,
    transactionHash: keccak256(rawTransaction),
    rawTransaction,
  });
  await handOver(intent, context);
  return await follow(intent, context);
}

/** The next nonce, when every transaction of the account that the node has is in a block. */
async function freeNonce(account: Hex, { door }: SubmitContext): Promise<number> {
  const [mined, pending] = [await door.nonce(account, "latest"), await door.nonce(account, "pending")];
  if (pending <= mined) return mined;
  throw new TonsorError(
    "TRANSACTION_UNKNOWN",
    "the account has transactions in the pool that the journal does not know",
    {
      given: pending - mined,
      expected: "0; one keeper per key",
    },
  );
}

/** A node would refuse it too, but only after it stands in the journal. */
async function assertFunds(account: Hex, needed: bigint, { door }: SubmitContext): Promise<void> {
  const balance = await door.balance(account);
  if (balance >= needed) return;
  throw new TonsorError("TRANSACTION_REFUSED", `too little ether on ${account}, wei`, {
    given: balance,
    expected: `>= ${needed} (gas limit x highest fee)`,
  });
}

/** Looks for the receipt until it is there, the time is up, or the signal is aborted; an unclear one is settled. */
async function follow(planned: Intent, context: SubmitContext): Promise<Intent> {
  const { journal, pollMs, receiptTimeoutMs, sleep, signal } = context;
  for (let waited = 0; ; waited += pollMs) {
    const intent = journal.intent(planned.id);
    if (!INTENT_STATUSES[intent.status].open || waited > receiptTimeoutMs || signal.aborted) return intent;
    // A node that does not answer now may answer at the next look.
    const look = intent.status === "UNKNOWN" ? settle(intent, context) : settleByReceipt(intent, context);
    await look.catch(rethrowUnlessRetryable);
    if (INTENT_STATUSES[journal.intent(planned.id).status].open) await sleep(pollMs, signal);
  }
}

function rethrowUnlessRetryable(error: unknown): void {
  if (!(error instanceof TonsorError && error.retryable)) throw error;
}

import { TonsorError } from "../domain/errors.ts";
import { INTENT_STATUSES, type Intent } from "../domain/intent.ts";
import type { Numbers } from "../domain/journal.ts";
import type { SendContext } from "./context.ts";
import { chooseFees, type Fees, larger, marketNow, raiseFees } from "./fees.ts";
import { assertReplaceable, freeNonce, gapBelow, isOf, lowestNonce } from "./nonces.ts";
import { assertChain, reconcile, settle, settleByReceipt } from "./reconcile.ts";
import { attempt, type Draft, draftOf, handOver } from "./send.ts";
import { keepsRaises, lowers, raises, raisesBeyond } from "./tightening.ts";

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

/**
 * Puts a fresh batch in the place of the open intents of one nonce and returns its intent; the others stay open until
 * the chain shows which of them used the nonce. When it must not take their place yet:
 * - a transaction that is not overdue gives way only to a tightening beyond it, and a tightening to no second one before
 *   a block was mined without it;
 * - a pending tightening gives way only to a batch that raises all it raises, and that goes beyond it somewhere or
 *   lowers nothing of it; else, once overdue, it is offered itself at higher fees;
 * - past its deadline it can only revert, and gives way to any batch.
 * @param current haircuts on chain when the batch was decided
 * @throws TonsorError `TRANSACTION_UNKNOWN` when the fresh batch was not sent, saying what was done instead.
 */
async function replaceOpen(
  draft: Draft,
  current: readonly Numbers[],
  open: readonly Intent[],
  context: SendContext,
): Promise<Intent> {
  const newest = open.at(-1);
  if (newest === undefined) throw new TonsorError("BAD_ARGUMENT", "nothing to replace", { field: "open" });
  await assertReplaceable(ownOpen(context), context.broadcaster);
  const { time, number } = await context.broadcaster.latestBlock();
  const pending = newest.batch.entries;
  const fresh = draft.batch.entries;
  const beyond = raisesBeyond(fresh, pending, current);
  const tightening = raises(pending, current);
  const takesOver = keepsRaises(fresh, pending, current) && (beyond || !lowers(fresh, pending));
  const overdue = isOverdue(newest, context, number);
  const passedBy = newest.plannedBlock === null || number > newest.plannedBlock;

  if (time <= newest.batch.deadline) {
    if (!overdue && !(beyond && (passedBy || !tightening)))
      throw inFlight(newest, "an earlier transaction is still in flight");
    if (tightening && !takesOver) {
      if (!overdue) throw inFlight(newest, "a tightening is in flight that this batch would undo in part");
      const again = await outbid(draftOf(newest), open, context);
      throw inFlight(again, "the pending tightening was not replaced but offered again at higher fees");
    }
  }
  return await outbid(draft, open, context);
}

/** Everything open of the key that signs. */
export function ownOpen({ journal, account }: Pick<SendContext, "journal" | "account">): readonly Intent[] {
  return journal.openIntents().filter((one) => isOf(one, account.address));
}

/**
 * True when an intent waits for longer than it should, and at `block`, the latest, so many blocks were mined without it:
 * it no longer counts as on its way. While a chain stands still no offer is too low.
 */
export function isOverdue(
  { transactionHash, plannedBlock }: Intent,
  { sends, limits }: Pick<SendContext, "sends" | "limits">,
  block: bigint,
): boolean {
  const passedBy = plannedBlock === null || block - plannedBlock >= BigInt(limits.replaceAfterBlocks);
  return passedBy && sends.sinceFirstMs(transactionHash) >= limits.replaceAfterSeconds * 1_000;
}

/** Nodes ask for 10 % more of a replacement, some for 100 %: what one finds too little is raised by so many times as much. */
const RAISES = [1, 2, 4, 8];

/**
 * Sends a draft at the nonce of the open intents, with both fee fields raised above the highest of theirs; further, when
 * a node refuses that as underpriced, as far as the cap allows.
 * @throws TonsorError `TRANSACTION_UNKNOWN` when the cap does not allow the raise; the newest is then sent again as it is.
 */
export async function outbid(draft: Draft, open: readonly Intent[], context: SendContext): Promise<Intent> {
  const newest = open.at(-1);
  if (newest === undefined) throw new TonsorError("BAD_ARGUMENT", "nothing to outbid", { field: "open" });
  const last = highestOf(open);
  const { feeBumpPercent } = context.limits;
  const { baseFee, limits } = await marketNow(context);
  let refused: Intent | null = null;
  for (const times of RAISES) {
    const fees = raiseFees(last, baseFee, limits, times * feeBumpPercent);
    if (fees === null) break;
    const planned = await attempt(draft, { nonce: newest.nonce, fees, replaces: newest.id }, context);
    const intent = context.journal.intent(planned.id);
    if (!(intent.status === "DROPPED" && intent.detail?.startsWith("UNDERPRICED"))) return planned;
    refused = planned;
  }
  if (refused !== null) return refused;
  const again = await resend(newest, context);
  throw new TonsorError(
    "TRANSACTION_UNKNOWN",
    `${newest.transactionHash} waits for a block and the fee cap allows no replacement; ${again}. ` +
      "Wait for the base fee to fall, or raise fees.maxFeePerGasGwei or fees.maxMarketMultiple. Wei per gas",
    {
      given: `${last.maxFeePerGas} offered, base fee ${baseFee}`,
      expected: `room for ${feeBumpPercent} % more, and for the base fee, below the cap ${limits.maxFeePerGas}`,
    },
  );
}

/**
 * Uses a nonce that nothing open has, below one that something open has: a reorganisation dropped its transaction, and
 * its deadline passed before it could land again. Everything above waits for it. The offer is at least what the waiting
 * ones offer, for the forgotten transaction may still be in a pool.
 * @throws TonsorError as `attempt` does, and `FEE_CAP_EXCEEDED`
 */
export async function fillGap(draft: Draft, nonce: number, context: SendContext): Promise<Intent> {
  const { baseFee, limits } = await marketNow(context);
  const fresh = chooseFees(baseFee, limits);
  const waiting = ownOpen(context);
  const least = (field: keyof Fees) => waiting.map((one) => one[field]).reduce(larger, fresh[field]);
  const bumped = (value: bigint) => (value * 9n + 7n) / 8n;
  const maxPriorityFeePerGas = bumped(least("maxPriorityFeePerGas"));
  const wanted = larger(bumped(least("maxFeePerGas")), maxPriorityFeePerGas);
  const cap = context.fees.maxFeePerGas;
  const fees = wanted <= cap ? { maxFeePerGas: wanted, maxPriorityFeePerGas } : { ...fresh, maxFeePerGas: cap };
  return await attempt(draft, { nonce, fees, replaces: null }, context);
}

/** Sends the identical bytes again unless that was done a short time ago; returns in words which. */
async function resend(intent: Intent, context: SendContext): Promise<string> {
  const { sends, limits } = context;
  const wait = limits.resendAfterSeconds * 1_000 - sends.sinceLastMs(intent.transactionHash);
  if (wait > 0) return `the same bytes are sent again in ${Math.ceil(wait / 1_000)} s`;
  await handOver(intent, context, "again");
  return "the same bytes were sent again";
}

/** Any of them may be the one that a pool holds. */
function highestOf(open: readonly Intent[]): Fees {
  const highest = (field: keyof Fees) => open.map((one) => one[field]).reduce(larger, 0n);
  return { maxFeePerGas: highest("maxFeePerGas"), maxPriorityFeePerGas: highest("maxPriorityFeePerGas") };
}

function inFlight(intent: Intent, what: string): TonsorError {
  return new TonsorError("TRANSACTION_UNKNOWN", what, {
    given: `${intent.transactionHash} ${intent.status}, ${intent.maxFeePerGas} wei per gas`,
    expected: "none open",
  });
}

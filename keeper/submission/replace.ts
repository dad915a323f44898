import { updatesOf } from "../domain/batch.ts";
import { TonsorError } from "../domain/errors.ts";
import type { Intent } from "../domain/intent.ts";
import { attempt, type Draft, draftOf, type SendContext } from "./attempt.ts";
import { type FeeLimits, larger, raiseFees } from "./fees.ts";
import { handOver } from "./handOver.ts";
import { assertReplaceable } from "./nonceDoor.ts";
import type { Submission } from "./submitBatch.ts";
import { keepsRaises, lowers, raises, raisesBeyond } from "./tightening.ts";

/**
 * Puts a fresh batch in the place of the open intents of one nonce and returns its intent; the others stay open until
 * the chain shows which of them used the nonce. When it must not take their place yet:
 * - a transaction that waits for less than `replaceAfterSeconds` gives way only to a tightening beyond it;
 * - a pending tightening gives way only to a batch that raises all it raises, and that goes beyond it somewhere or
 *   lowers nothing of it; else, once overdue, it is offered itself at higher fees;
 * - past its deadline it can only revert, and gives way to any batch.
 * @throws TonsorError `TRANSACTION_UNKNOWN` when the fresh batch was not sent, saying what was done instead.
 */
export async function replaceOpen(
  submission: Submission,
  open: readonly Intent[],
  context: SendContext,
): Promise<Intent> {
  const newest = open.at(-1);
  if (newest === undefined) throw new TonsorError("BAD_ARGUMENT", "nothing to replace", { field: "open" });
  await assertReplaceable(context.journal.openIntents(), context.door);
  const { time } = await context.door.latestBlock();
  const pending = updatesOf(newest.batch.entries);
  const fresh = updatesOf(submission.batch.entries);
  const beyond = raisesBeyond(fresh, pending, submission.standing);
  const tightening = raises(pending, submission.standing);
  const takesOver = keepsRaises(fresh, pending, submission.standing) && (beyond || !lowers(fresh, pending));
  const overdue = isOverdue(newest, context);

  if (time <= newest.batch.deadline) {
    if (!overdue && !beyond) throw inFlight(newest, "an earlier transaction is still in flight");
    if (tightening && !takesOver) {
      if (!overdue) throw inFlight(newest, "a tightening is in flight that this batch would undo in part");
      const again = await outbid(draftOf(newest), open, context);
      throw inFlight(again, "the pending tightening was not replaced but offered again at higher fees");
    }
  }
  return await outbid(batchDraft(submission), open, context);
}

/** A submission as a transaction without fees, nonce and signature. */
export function batchDraft(submission: Submission): Draft {
  return { ...submission, kind: "BATCH", tightens: raises(updatesOf(submission.batch.entries), submission.standing) };
}

/** True when an intent waits for a block for longer than it should: it no longer counts as on its way. */
export function isOverdue(
  { transactionHash }: Intent,
  { sends, replacement }: Pick<SendContext, "sends" | "replacement">,
) {
  return sends.sinceFirstMs(transactionHash) >= replacement.replaceAfterSeconds * 1_000;
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
  const { baseFee } = await context.door.latestBlock();
  let refused: Intent | null = null;
  for (const times of RAISES) {
    const fees = raiseFees(last, baseFee, context.fees, times * context.replacement.feeBumpPercent);
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
      "Wait for the base fee to fall, or raise fees.maxFeePerGasGwei. Wei per gas",
    {
      given: `${last.maxFeePerGas} offered, base fee ${baseFee}`,
      expected: `room for ${context.replacement.feeBumpPercent} % more, and for the base fee, below the cap ${context.fees.maxFeePerGas}`,
    },
  );
}

/** Sends the identical bytes again unless that was done a short time ago; returns in words which. */
async function resend(intent: Intent, context: SendContext): Promise<string> {
  const { sends, replacement } = context;
  const wait = replacement.resendAfterSeconds * 1_000 - sends.sinceLastMs(intent.transactionHash);
  if (wait > 0) return `the same bytes are sent again in ${Math.ceil(wait / 1_000)} s`;
  await handOver(intent, context, "again");
  return "the same bytes were sent again";
}

/** Any of them may be the one that a pool holds. */
function highestOf(open: readonly Intent[]): FeeLimits {
  const highest = (field: keyof FeeLimits) => open.map((one) => one[field]).reduce(larger, 0n);
  return { maxFeePerGas: highest("maxFeePerGas"), maxPriorityFeePerGas: highest("maxPriorityFeePerGas") };
}

function inFlight(intent: Intent, what: string): TonsorError {
  return new TonsorError("TRANSACTION_UNKNOWN", what, {
    given: `${intent.transactionHash} ${intent.status}, ${intent.maxFeePerGas} wei per gas`,
    expected: "none open",
  });
}

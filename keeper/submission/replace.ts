import { TonsorError } from "../domain/errors.ts";
import type { Intent } from "../domain/intent.ts";
import type { Numbers } from "../domain/journal.ts";
import type { SendContext } from "./context.ts";
import { chooseFees, type Fees, larger, marketNow, raiseFees } from "./fees.ts";
import { assertReplaceable, isOf } from "./nonces.ts";
import { attempt, type Draft, draftOf, handOver } from "./send.ts";
import { keepsRaises, lowers, raises, raisesBeyond } from "./tightening.ts";

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
export async function replaceOpen(
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

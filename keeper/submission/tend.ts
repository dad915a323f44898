import { updatesOf } from "../domain/batch.ts";
import { TonsorError } from "../domain/errors.ts";
import type { Intent } from "../domain/intent.ts";
import { cancellationOf, draftOf, type SendContext } from "./attempt.ts";
import { fillGap } from "./fillGap.ts";
import { assertReplaceable } from "./nonceDoor.ts";
import { isOverdue, outbid } from "./replace.ts";
import { raises, type Standing } from "./tightening.ts";
import { gapBelow, lowestNonce } from "./watch.ts";

/**
 * Looks after what is open when a cycle has nothing to send, and returns in words what was done, or null. An overdue
 * tightening is offered again at higher fees. A transaction that is past its deadline (block time) for longer than
 * `cancelAfterSeconds` would only revert: its nonce is freed by a cancellation. A loosening is left to wait.
 * @throws TonsorError `TRANSACTION_UNKNOWN` as `outbid` does, and for transactions that the journal does not know.
 */
export async function tendOpen(standing: readonly Standing[], context: SendContext): Promise<string | null> {
  const open = lowestNonce(context.journal.openIntents());
  const newest = open.at(-1);
  if (newest === undefined) return null;
  const gap = await gapBelow(open, newest.from, context);
  if (gap !== null) {
    const { transactionHash } = await fillGap(cancellationOf(newest), gap, context);
    return `nonce ${gap} was left open below ${newest.nonce} and is filled by ${transactionHash}`;
  }
  const { time } = await context.door.latestBlock();
  const late = time - newest.batch.deadline;
  if (newest.kind === "BATCH" && late > context.replacement.cancelAfterSeconds) {
    const { transactionHash } = await cancelOpen(open, context);
    return `nonce ${newest.nonce} is freed by ${transactionHash}: its deadline passed ${late} s ago and nothing takes its place`;
  }
  const worthRaising = newest.kind === "CANCEL" || (late <= 0 && raises(updatesOf(newest.batch.entries), standing));
  if (!worthRaising || !isOverdue(newest, context)) return null;
  await assertReplaceable(context.journal.openIntents(), context.door);
  const { transactionHash, maxFeePerGas } = await outbid(draftOf(newest), open, context);
  return `${newest.transactionHash} is overdue and offered again as ${transactionHash} at ${maxFeePerGas} wei per gas`;
}

/**
 * Frees the nonce of the open intents by a transfer of nothing to the keeper itself, and returns its intent. Whether it
 * or what it cancels is mined, only the chain says.
 */
export async function cancelOpen(open: readonly Intent[], context: SendContext): Promise<Intent> {
  const newest = open.at(-1);
  if (newest === undefined) throw new TonsorError("BAD_ARGUMENT", "nothing to cancel", { field: "open" });
  await assertReplaceable(context.journal.openIntents(), context.door);
  return await outbid(cancellationOf(newest), open, context);
}

/** True while an open transaction may be counted on: neither overdue nor past its deadline at `blockTime`. */
export function isOnItsWay(
  open: readonly Intent[],
  blockTime: number,
  context: Pick<SendContext, "sends" | "replacement">,
) {
  const newest = lowestNonce(open).at(-1);
  return newest !== undefined && blockTime <= newest.batch.deadline && !isOverdue(newest, context);
}

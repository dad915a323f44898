import { TonsorError } from "../domain/errors.ts";
import { INTENT_STATUSES, type Intent, type IntentStatus } from "../domain/intent.ts";
import type { Numbers } from "../domain/journal.ts";
import type { SendContext } from "./context.ts";
import { assertReplaceable, gapBelow, lowestNonce } from "./nonces.ts";
import { reconcile } from "./reconcile.ts";
import { fillGap, isOverdue, outbid } from "./replace.ts";
import { cancellationOf, draftOf } from "./send.ts";
import { raises } from "./tightening.ts";

/**
 * Manages open transactions when a cycle has nothing to send, and returns in words what was done, or null. An overdue
 * tightening is offered again at higher fees. A transaction that is past its deadline (block time) for longer than
 * `cancelAfterSeconds` would only revert: its nonce is freed by a cancellation, a transfer of nothing to the keeper
 * itself; whether it or what it cancels is mined, only the chain says. A loosening is left to wait.
 * @param current haircuts on chain
 * @throws TonsorError `TRANSACTION_UNKNOWN` as `outbid` does, and for transactions that the journal does not know.
 */
export async function manageOpen(current: readonly Numbers[], context: SendContext): Promise<string | null> {
  const open = lowestNonce(context.journal.openIntents());
  const newest = open.at(-1);
  if (newest === undefined) return null;
  const gap = await gapBelow(open, newest.from, context.broadcaster);
  if (gap !== null) {
    const { transactionHash } = await fillGap(cancellationOf(newest), gap, context);
    return `nonce ${gap} was left open below ${newest.nonce} and is filled by ${transactionHash}`;
  }
  const { time } = await context.broadcaster.latestBlock();
  const late = time - newest.batch.deadline;
  if (newest.kind === "BATCH" && late > context.limits.cancelAfterSeconds) {
    await assertReplaceable(context.journal.openIntents(), context.broadcaster);
    const { transactionHash } = await outbid(cancellationOf(newest), open, context);
    return `nonce ${newest.nonce} is freed by ${transactionHash}: its deadline passed ${late} s ago and nothing takes its place`;
  }
  const worthRaising = newest.kind === "CANCEL" || (late <= 0 && raises(newest.batch.entries, current));
  if (!worthRaising || !isOverdue(newest, context)) return null;
  await assertReplaceable(context.journal.openIntents(), context.broadcaster);
  const { transactionHash, maxFeePerGas } = await outbid(draftOf(newest), open, context);
  return `${newest.transactionHash} is overdue and offered again as ${transactionHash} at ${maxFeePerGas} wei per gas`;
}

/** True while an open transaction may be counted on: neither overdue nor past its deadline at `blockTime`. */
export function isOnItsWay(open: readonly Intent[], blockTime: number, context: Pick<SendContext, "sends" | "limits">) {
  const newest = lowestNonce(open).at(-1);
  return newest !== undefined && blockTime <= newest.batch.deadline && !isOverdue(newest, context);
}

/** What a person may do about a transaction that waits for a block. */
export type MoveAction = "cancel" | "bump";

/** What became of a transaction that a person cancelled or bumped. */
export type MovedTransaction = {
  readonly action: MoveAction;
  readonly nonce: number;
  readonly hash: string;
  readonly maxFeePerGasGwei: number;
  /** Those that it competes with. */
  readonly rivals: readonly string[];
  readonly status: IntentStatus;
  readonly detail: string | null;
};

/**
 * Cancels what waits for a block, or offers it again at higher fees, and waits for the outcome. A cancellation is taken
 * while a kill switch is set, for it changes nothing but the nonce; a bump is not.
 * @throws TonsorError `BAD_ARGUMENT` when nothing waits, or a kill switch forbids it; as `outbid` does
 */
export async function moveOpen(
  action: MoveAction,
  context: SendContext,
  onNote: (text: string) => void,
): Promise<MovedTransaction> {
  const { journal, maySend } = context;
  // What settling finds mined needs no moving. It sends nothing by itself here: only what was asked for is sent.
  const settling = { ...context, maySend: () => false };
  await reconcile(settling);
  const open = lowestNonce(journal.openIntents());
  const newest = open.at(-1);
  if (newest === undefined) {
    throw new TonsorError("BAD_ARGUMENT", `nothing waits for a block: there is nothing to ${action}`);
  }
  if (action === "bump" && maySend?.() === false) {
    throw new TonsorError("BAD_ARGUMENT", "a kill switch is set: nothing is offered again while it is");
  }
  await assertReplaceable(journal.openIntents(), context.broadcaster);
  const draft = action === "cancel" ? cancellationOf(newest) : draftOf(newest);
  const moved = await outbid(draft, open, context);
  onNote(`${action} of nonce ${moved.nonce}: ${moved.transactionHash} handed over`);
  const { status, detail } = await outcomeOf(moved, settling, onNote);
  return {
    action,
    nonce: moved.nonce,
    hash: moved.transactionHash,
    maxFeePerGasGwei: Number(moved.maxFeePerGas) / 1e9,
    rivals: open.map(({ transactionHash }) => transactionHash),
    status,
    detail,
  };
}

/** The intent once it is settled, or as it is when the time is up. */
async function outcomeOf(moved: Intent, settling: SendContext, onNote: (text: string) => void): Promise<Intent> {
  const { journal, limits, signal, sleep } = settling;
  const pollMs = limits.pollMilliseconds;
  for (let waited = 0; waited <= limits.receiptTimeoutSeconds * 1_000 && !signal.aborted; waited += pollMs) {
    await reconcile(settling).catch((error: unknown) => {
      if (!(error instanceof TonsorError && error.retryable)) throw error;
    });
    if (!INTENT_STATUSES[journal.intent(moved.id).status].open) break;
    if (waited % 5_000 < pollMs) onNote(`waiting for a block, ${Math.round(waited / 1_000)} s`);
    await sleep(pollMs, signal);
  }
  return journal.intent(moved.id);
}

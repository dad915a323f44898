import { TonsorError } from "../domain/errors.ts";
import { INTENT_STATUSES, type Intent, type IntentStatus } from "../domain/intent.ts";
import type { Numbers } from "../domain/journal.ts";
import type { SendContext } from "./context.ts";
import { assertReplaceable, below, gapBelow, isOf, lowestNonce } from "./nonces.ts";
import { giveUp, reconcile } from "./reconcile.ts";
import { cancellationOf, draftOf } from "./send.ts";
import { fillGap, isOverdue, outbid, ownOpen } from "./submitBatch.ts";
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
  const { journal, broadcaster, limits } = context;
  if (journal.openIntents().length === 0) return null;
  const { time, number } = await broadcaster.latestBlock();
  dropOtherKeys(time, context);
  const open = lowestNonce(ownOpen(context));
  const newest = open.at(-1);
  if (newest === undefined) return null;
  const gap = await gapBelow(open, journal, broadcaster);
  if (gap !== null) {
    const { transactionHash } = await fillGap(cancellationOf(newest), gap, context);
    return `nonce ${gap} was left open below ${newest.nonce} and is filled by ${transactionHash}`;
  }
  const late = time - newest.batch.deadline;
  if (newest.kind !== "CANCEL" && late > limits.cancelAfterSeconds) {
    await assertReplaceable(ownOpen(context), broadcaster);
    const { transactionHash } = await outbid(cancellationOf(newest), open, context);
    return `nonce ${newest.nonce} is freed by ${transactionHash}: its deadline passed ${late} s ago and nothing takes its place`;
  }
  const worthRaising = newest.kind === "CANCEL" || (late <= 0 && raises(newest.batch.entries, current));
  if (!worthRaising || !isOverdue(newest, context, number)) return null;
  await assertReplaceable(ownOpen(context), broadcaster);
  const { transactionHash, maxFeePerGas } = await outbid(draftOf(newest), open, context);
  return `${newest.transactionHash} is overdue and offered again as ${transactionHash} at ${maxFeePerGas} wei per gas`;
}

/** What a key that signs no more has left open: long past its deadline it can only revert, and nobody here can cancel it. */
function dropOtherKeys(time: number, { journal, account, limits, now }: SendContext): void {
  for (const one of journal.openIntents()) {
    if (isOf(one, account.address) || time - one.batch.deadline <= limits.cancelAfterSeconds) continue;
    const detail = `given up: ${one.from} signs no more, and its deadline ${one.batch.deadline} passed`;
    journal.resolveIntent(one.id, { status: "DROPPED", at: now(), detail });
  }
}

/** True while an open transaction may be counted on at a block: neither overdue nor past its deadline. */
export function isOnItsWay(
  open: readonly Intent[],
  block: { readonly blockTime: number; readonly blockNumber: bigint },
  context: Pick<SendContext, "sends" | "limits">,
): boolean {
  const newest = lowestNonce(open).at(-1);
  if (newest === undefined || block.blockTime > newest.batch.deadline) return false;
  return !isOverdue(newest, context, block.blockNumber);
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
  const { journal, maySend, account, broadcaster } = context;
  // What settling finds mined needs no moving. It sends nothing by itself here: only what was asked for is sent.
  const settling = { ...context, maySend: () => false };
  await reconcile(settling);
  const open = lowestNonce(ownOpen(context));
  const newest = open.at(-1);
  if (newest === undefined) {
    const [other] = journal.openIntents();
    const whose =
      other === undefined ? "" : ` by ${account.address}; what waits is ${other.from}'s, and only that key's`;
    throw new TonsorError("BAD_ARGUMENT", `nothing waits for a block${whose}: there is nothing to ${action}`);
  }
  if (action === "bump" && maySend?.() === false) {
    throw new TonsorError("BAD_ARGUMENT", "a kill switch is set: nothing is offered again while it is");
  }
  const found = action === "cancel" ? await below(open, journal, broadcaster) : null;
  if (found?.kind === "stranded") {
    // The chain will not come there: what frees the key is to stop waiting, not one more transaction.
    giveUp(ownOpen(context), context);
    return movedOf(action, journal.intent(newest.id), open);
  }
  await assertReplaceable(ownOpen(context), broadcaster);
  const draft = action === "cancel" ? cancellationOf(newest) : draftOf(newest);
  const moved = await outbid(draft, open, context);
  onNote(`${action} of nonce ${moved.nonce}: ${moved.transactionHash} handed over`);
  return movedOf(action, await outcomeOf(moved, settling, onNote), open);
}

function movedOf(action: MoveAction, moved: Intent, open: readonly Intent[]): MovedTransaction {
  const { nonce, transactionHash: hash, status, detail } = moved;
  const rivals = open.map(({ transactionHash }) => transactionHash).filter((one) => one !== hash);
  return { action, nonce, hash, maxFeePerGasGwei: Number(moved.maxFeePerGas) / 1e9, rivals, status, detail };
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

import { join } from "node:path";
import type { MovedTransaction, TransactionRow } from "../cli/services.ts";
import { updatesOf } from "../domain/batch.ts";
import { TonsorError } from "../domain/errors.ts";
import { INTENT_STATUSES, type Intent } from "../domain/intent.ts";
import { openJournal } from "../journal/journal.ts";
import type { Context } from "../operations/context.ts";
import { monotonicClock } from "../runtime/clock.ts";
import { draftOf, type SendContext } from "../submission/attempt.ts";
import { assertReplaceable } from "../submission/nonceDoor.ts";
import { reconcile } from "../submission/reconcile.ts";
import { outbid } from "../submission/replace.ts";
import { cancelOpen } from "../submission/tend.ts";
import { lowestNonce } from "../submission/watch.ts";

/** What may be done by hand about a transaction that waits for a block. */
export type MoveAction = "cancel" | "bump";

/** The journal's transactions, newest first, those that are open or still watched first of all. No chain, no key. */
export async function listTransactions(
  context: Context,
  { limit, openOnly }: { readonly limit: number; readonly openOnly: boolean },
): Promise<readonly TransactionRow[]> {
  const config = await context.config();
  const { contract, markets } = await context.deployment();
  const store = openJournal(join(config.state, "journal.sqlite"), {
    chainId: config.chainId,
    contract: contract.address,
  });
  try {
    const names = new Map(markets.map(({ id, name }) => [id, name]));
    const shown = openOnly ? [...store.openIntents(), ...store.watchedIntents()] : store.recentIntents(limit);
    return shown.slice(0, limit).map((intent) => rowOf(intent, names));
  } finally {
    store.close();
  }
}

/** How the keeper's sender waits for the end of what was moved. */
export type Waiting = { readonly timeoutMs: number; readonly pollMs: number; readonly onNote: (text: string) => void };

/**
 * Cancels what waits for a block, or offers it again at higher fees, and waits for the outcome. A cancellation is taken
 * while a kill switch is set, for it changes nothing but the nonce; a bump is not.
 * @throws TonsorError `BAD_ARGUMENT` when nothing waits, or a kill switch forbids it; as `outbid` does
 */
export async function moveOpen(action: MoveAction, sender: SendContext, waiting: Waiting): Promise<MovedTransaction> {
  const { journal, signal, maySend } = sender;
  // What settling finds mined needs no moving. It sends nothing by itself here: only what was asked for is sent.
  const settling = { ...sender, maySend: () => false };
  await reconcile(settling);
  const open = lowestNonce(journal.openIntents());
  const newest = open.at(-1);
  if (newest === undefined) {
    throw new TonsorError("BAD_ARGUMENT", `nothing waits for a block: there is nothing to ${action}`);
  }
  if (action === "bump" && maySend?.() === false) {
    throw new TonsorError("BAD_ARGUMENT", "a kill switch is set: nothing is offered again while it is");
  }
  await assertReplaceable(journal.openIntents(), sender.door);
  const moved = action === "cancel" ? await cancelOpen(open, sender) : await outbid(draftOf(newest), open, sender);
  waiting.onNote(`${action} of nonce ${moved.nonce}: ${moved.transactionHash} handed over`);
  for (let waited = 0; waited <= waiting.timeoutMs && !signal.aborted; waited += waiting.pollMs) {
    await reconcile(settling).catch((error: unknown) => {
      if (!(error instanceof TonsorError && error.retryable)) throw error;
    });
    if (!INTENT_STATUSES[journal.intent(moved.id).status].open) break;
    if (waited % 5_000 < waiting.pollMs) waiting.onNote(`waiting for a block, ${Math.round(waited / 1_000)} s`);
    await monotonicClock.sleep(waiting.pollMs, signal);
  }
  const { status, detail } = journal.intent(moved.id);
  return {
    action,
    nonce: moved.nonce,
    hash: moved.transactionHash,
    maxFeePerGasGwei: gwei(moved.maxFeePerGas),
    rivals: open.map(({ transactionHash }) => transactionHash),
    status,
    detail,
  };
}

function rowOf(intent: Intent, names: ReadonlyMap<number, string>): TransactionRow {
  const { batch } = intent;
  return {
    id: intent.id,
    kind: intent.kind,
    status: intent.status,
    final: intent.final,
    nonce: intent.nonce,
    hash: intent.transactionHash,
    sequence: batch.sequence,
    markets: updatesOf(batch.entries).map(({ marketId }) => names.get(marketId) ?? `market ${marketId}`),
    tightens: intent.tightens,
    route: intent.route,
    replaces: intent.replaces,
    plannedAt: intent.plannedAt,
    updatedAt: intent.updatedAt,
    deadline: batch.deadline,
    maxFeePerGasGwei: gwei(intent.maxFeePerGas),
    maxPriorityFeePerGasGwei: gwei(intent.maxPriorityFeePerGas),
    blockNumber: intent.blockNumber,
    feeEther: intent.feeWei === null ? null : Number(intent.feeWei) / 1e18,
    detail: intent.detail,
  };
}

function gwei(wei: bigint): number {
  return Number(wei) / 1e9;
}

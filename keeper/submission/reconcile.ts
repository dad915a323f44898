import { TonsorError } from "../domain/errors.ts";
import { INTENT_STATUSES, type Intent } from "../domain/intent.ts";
import type { Receipt } from "./broadcaster.ts";
import type { SettleContext } from "./context.ts";
import { below, rivalGroups } from "./nonces.ts";
import { handOver } from "./send.ts";

/**
 * Settles what the journal holds open, by asking the chain for each transaction *by its hash*; returns what is still
 * open. To be called on start and before anything else is sent. Safe to repeat, and to be killed anywhere in it.
 *
 * All open intents of a key compete for one nonce (the journal sees to it). When one of them is in a block, the others are
 * SUPERSEDED. The newest, when the node does not know it, is sent again, the identical bytes, while its deadline has
 * not passed: at most one transaction per nonce can ever be in a block, so sending twice is harmless.
 * @throws TonsorError `WRONG_CHAIN`; `RPC_FAILED` when a node does not answer a question (nothing was concluded then).
 */
export async function reconcile(context: SettleContext): Promise<readonly Intent[]> {
  const { journal } = context;
  if (journal.openIntents().length === 0 && journal.watchedIntents().length === 0) return [];
  await assertChain(context);
  await watchEnded(context);
  // Several nonces of a key are open only after a reorganisation; a later one can move only when the earlier has ended.
  const waiting = new Set<string>();
  for (const rivals of rivalGroups(journal.openIntents())) {
    const key = rivals[0]?.from.toLowerCase() ?? "";
    if (waiting.has(key)) continue;
    await settle(rivals, context);
    if (rivals.some(({ id }) => INTENT_STATUSES[journal.intent(id).status].open)) waiting.add(key);
  }
  return journal.openIntents();
}

/** Throws `WRONG_CHAIN` unless the node is of the chain configured. */
export async function assertChain({ broadcaster, chainId }: SettleContext): Promise<void> {
  const answered = await broadcaster.chainId();
  if (answered === chainId) return;
  throw new TonsorError("WRONG_CHAIN", "the node is of another chain", {
    given: answered,
    expected: `chain ${chainId}`,
  });
}

/** Settles the open intents of one nonce: by receipt, by the nonce, by the pool, by the deadline, else by sending again. */
export async function settle(open: readonly Intent[], context: SettleContext): Promise<void> {
  const { journal, broadcaster, now, maySend, limits } = context;
  const waitedLong = (hash: Intent["transactionHash"]) =>
    context.sends.sinceLastMs(hash) >= limits.resendAfterSeconds * 1_000;
  const newest = open.at(-1);
  if (newest === undefined || (await settleByReceipt(open, context))) return;

  const used = (await broadcaster.nonce(newest.from, "latest")) > newest.nonce;
  // One may have been mined between the two questions: only a second question without a receipt proves another's nonce.
  if (used && (await settleByReceipt(open, context))) return;
  let known = false;
  for (const intent of open) {
    known = await broadcaster.knows(intent.transactionHash);
    if (known && !used) journal.markSent(intent.id, now());
    // A node that says the nonce is used, yet has the transaction without a receipt, contradicts itself: ask again later.
    if (known && used) return;
  }
  if (used) {
    const detail = `nonce ${newest.nonce} was used by a transaction that the journal does not know`;
    const { number: blockNumber } = await broadcaster.latestBlock();
    const final = limits.confirmations === 0;
    const change = { status: "SUPERSEDED", at: now(), detail, blockNumber, final } as const;
    for (const { id } of open) journal.resolveIntent(id, change);
    return;
  }
  const { time, number } = await broadcaster.latestBlock();
  if (time > newest.batch.deadline && (await below(open, journal, broadcaster))?.kind === "stranded") {
    return giveUp(open, context);
  }
  if (known && (!waitedLong(newest.transactionHash) || maySend?.() === false)) return;
  if (known) return handOver(newest, context, "again");
  if (time > newest.batch.deadline) {
    const detail = `not on the chain when its deadline ${newest.batch.deadline} passed`;
    return journal.resolveIntent(newest.id, { status: "DROPPED", at: now(), detail });
  }
  if (maySend?.() === false) return;
  if (newest.route === "private") {
    const waited = newest.plannedBlock === null ? 0n : number - newest.plannedBlock;
    const due = waited >= BigInt(limits.relayFallbackBlocks);
    if (due && newest.tightens) journal.makePublic(newest.id);
    else if (!waitedLong(newest.transactionHash)) return;
  }
  await handOver(journal.intent(newest.id), context, "again");
}

/**
 * Gives up intents of a nonce that the chain is not near to, known to a pool or not: until so many others were mined they
 * can be in no block, and after their deadline they can only revert there.
 */
export function giveUp(open: readonly Intent[], { journal, now }: Pick<SettleContext, "journal" | "now">): void {
  for (const { id, nonce } of open) {
    const detail = `given up: it was signed for nonce ${nonce}, which the chain is not near to`;
    journal.resolveIntent(id, { status: "DROPPED", at: now(), detail });
  }
}

/** CONFIRMED or REVERTED for the intent that is in a block, SUPERSEDED for its rivals; false when none is in a block. */
export async function settleByReceipt(open: readonly Intent[], context: SettleContext): Promise<boolean> {
  for (const intent of open) {
    const receipt = await context.broadcaster.receipt(intent.transactionHash);
    if (receipt === null) continue;
    noteLanded(open, { intent, receipt }, context);
    return true;
  }
  return false;
}

/**
 * Asks again about what ended and is not final yet. A transaction that is `confirmations` blocks deep becomes final. One
 * that a reorganisation moved is followed to its new block; one that it dropped is reopened with all its rivals, for any
 * of them may now be mined: the settling that follows sends it again.
 */
async function watchEnded(context: SettleContext): Promise<void> {
  const { journal, broadcaster, now, sends } = context;
  const confirmations = BigInt(context.limits.confirmations);
  const watched = journal.watchedIntents();
  if (watched.length === 0) return;
  // Asked in one turn, so that all travel together.
  const asked = rivalGroups(watched).map(async (group) => ({ group, landed: await landedOf(group, context) }));
  const [{ number }, groups] = await Promise.all([broadcaster.latestBlock(), Promise.all(asked)]);
  for (const { group, landed } of groups) {
    if (landed !== null) {
      const before = group.find(({ id }) => id === landed.intent.id);
      if (before?.blockHash !== landed.receipt.blockHash) noteLanded(group, landed, context);
      if (number - landed.receipt.blockNumber >= confirmations) for (const { id } of group) journal.finalise(id);
      continue;
    }
    const [first] = group;
    if (first === undefined) continue;
    const used = (await broadcaster.nonce(first.from, "latest")) > first.nonce;
    if (!used) {
      const detail = `a reorganisation reverted what used nonce ${first.nonce}`;
      for (const { id, transactionHash } of group) {
        journal.resolveIntent(id, { status: "UNKNOWN", at: now(), detail });
        sends.restart(transactionHash);
      }
    } else await noteStranger(group, number, context);
  }
}

/** The one of the intents that is in a block, with its receipt; null when none is. */
async function landedOf(group: readonly Intent[], { broadcaster }: SettleContext) {
  for (const intent of group) {
    const receipt = await broadcaster.receipt(intent.transactionHash);
    if (receipt !== null) return { intent, receipt };
  }
  return null;
}

/** Writes down which of the intents of one nonce is in a block, and that the others are not. */
function noteLanded(
  group: readonly Intent[],
  { intent, receipt }: { readonly intent: Intent; readonly receipt: Receipt },
  { journal, now, limits }: SettleContext,
): void {
  const { success, ...where } = receipt;
  const final = limits.confirmations === 0;
  journal.resolveIntent(intent.id, { status: success ? "CONFIRMED" : "REVERTED", at: now(), ...where, final });
  const detail = `nonce ${intent.nonce} was used by ${intent.transactionHash}`;
  for (const rival of group) {
    if (rival.id !== intent.id) journal.resolveIntent(rival.id, { status: "SUPERSEDED", at: now(), detail, final });
  }
}

/** A nonce used by what the journal does not know: SUPERSEDED at once, final once that has lasted long enough. */
async function noteStranger(group: readonly Intent[], number: bigint, context: SettleContext): Promise<void> {
  const { journal, broadcaster, now, limits } = context;
  const known = await Promise.all(group.map(({ transactionHash }) => broadcaster.knows(transactionHash)));
  // A node that has the transaction without a receipt, and calls its nonce used, contradicts itself: ask again later.
  if (known.includes(true)) return;
  for (const { id, status, blockNumber, nonce } of group) {
    const since = status === "SUPERSEDED" ? blockNumber : null;
    if (since !== null && number - since >= BigInt(limits.confirmations)) journal.finalise(id);
    if (since !== null) continue;
    const detail = `nonce ${nonce} was used by a transaction that the journal does not know`;
    journal.resolveIntent(id, { status: "SUPERSEDED", at: now(), detail, blockNumber: number, final: false });
  }
}

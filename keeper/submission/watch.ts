import type { Hex } from "../domain/batch.ts";
import type { Intent } from "../domain/intent.ts";
import type { Receipt } from "./chainDoor.ts";
import type { SettleContext } from "./reconcile.ts";

/** The open intents of the lowest nonce: only they can be mined next. */
export function lowestNonce(open: readonly Intent[]): readonly Intent[] {
  const [first] = open;
  return open.filter(({ nonce }) => nonce === first?.nonce);
}

/**
 * Looks again at what ended and is not final yet. A transaction that is `confirmations` blocks deep becomes final. One
 * that a reorganisation moved is followed to its new block; one that it took back is reopened with all its rivals, for
 * any of them may now be mined: the settling that follows sends it again.
 */
export async function watchEnded(context: SettleContext): Promise<void> {
  const { journal, door, now, sends, confirmations = 0 } = context;
  const watched = journal.watchedIntents();
  if (watched.length === 0) return;
  const { number } = await door.latestBlock();
  for (const group of Map.groupBy(watched, ({ nonce }) => nonce).values()) {
    const landed = await landedOf(group, context);
    if (landed !== null) {
      const before = group.find(({ id }) => id === landed.intent.id);
      if (before?.blockHash !== landed.receipt.blockHash) noteLanded(group, landed, context);
      if (number - landed.receipt.blockNumber >= BigInt(confirmations))
        for (const { id } of group) journal.finalise(id);
      continue;
    }
    const [first] = group;
    if (first === undefined) continue;
    const used = (await door.nonce(first.from, "latest")) > first.nonce;
    if (!used) {
      const detail = `a reorganisation took back what used nonce ${first.nonce}`;
      for (const { id, transactionHash } of group) {
        journal.resolveIntent(id, { status: "UNKNOWN", at: now(), detail });
        sends.restart(transactionHash);
      }
    } else await noteStranger(group, number, context);
  }
}

/** The one of the intents that is in a block, with its receipt; null when none is. */
async function landedOf(group: readonly Intent[], { door }: SettleContext) {
  for (const intent of group) {
    const receipt = await door.receipt(intent.transactionHash);
    if (receipt !== null) return { intent, receipt };
  }
  return null;
}

/** Writes down which of the intents of one nonce is in a block, and that the others are not. */
export function noteLanded(
  group: readonly Intent[],
  { intent, receipt }: { readonly intent: Intent; readonly receipt: Receipt },
  { journal, now, confirmations = 0 }: SettleContext,
): void {
  const { success, ...where } = receipt;
  const final = confirmations === 0;
  journal.resolveIntent(intent.id, { status: success ? "CONFIRMED" : "REVERTED", at: now(), ...where, final });
  const detail = `nonce ${intent.nonce} was used by ${intent.transactionHash}`;
  for (const rival of group) {
    if (rival.id !== intent.id) journal.resolveIntent(rival.id, { status: "SUPERSEDED", at: now(), detail, final });
  }
}

/** A nonce used by what the journal does not know: SUPERSEDED at once, final once that has lasted long enough. */
async function noteStranger(group: readonly Intent[], number: bigint, context: SettleContext): Promise<void> {
  const { journal, door, now, confirmations = 0 } = context;
  const known = await Promise.all(group.map(({ transactionHash }) => door.knows(transactionHash)));
  // A node that has the transaction without a receipt, and calls its nonce used, contradicts itself: ask again later.
  if (known.includes(true)) return;
  for (const { id, status, blockNumber, nonce } of group) {
    const since = status === "SUPERSEDED" ? blockNumber : null;
    if (since !== null && number - since >= BigInt(confirmations)) journal.finalise(id);
    if (since !== null) continue;
    const detail = `nonce ${nonce} was used by a transaction that the journal does not know`;
    journal.resolveIntent(id, { status: "SUPERSEDED", at: now(), detail, blockNumber: number, final: false });
  }
}

/** Nonces of the open intents, each once, lowest first. */
export function openNonces(open: readonly Intent[]): readonly number[] {
  return [...new Set(open.map(({ nonce }) => nonce))].toSorted((a, b) => a - b);
}

/** The first nonce below those of the open intents that the chain has not used, or null: it blocks all of them. */
export async function gapBelow(open: readonly Intent[], account: Hex, context: SettleContext): Promise<number | null> {
  const [lowest] = openNonces(open);
  if (lowest === undefined) return null;
  const next = await context.door.nonce(account, "latest");
  return next < lowest ? next : null;
}

import type { Hex } from "../domain/contract.ts";
import type { Intent } from "../domain/intent.ts";
import type { SettleContext } from "./context.ts";
import { classifySendError, errorText } from "./sendErrors.ts";

/**
 * Sends the bytes of an intent and writes down what came of it: SENT; DROPPED when a node refused the *first* sending
 * for a clear reason and does not have it; UNKNOWN when there is no telling. What was handed over before is never
 * DROPPED for a refusal: another node may have it. Never throws for what the node says.
 */
export async function handOver(intent: Intent, context: SettleContext, sending: "first" | "again"): Promise<void> {
  const { journal, broadcaster, now, sends } = context;
  sends.note(intent.transactionHash, sending);
  const send = intent.route === "private" ? (broadcaster.sendPrivately ?? noRelay) : broadcaster.send;
  const failure = await send(intent.rawTransaction).then(
    () => null,
    (error: unknown) => ({ error }),
  );
  if (failure === null) return journal.markSent(intent.id, now());
  const verdict = classifySendError(failure.error);
  const detail = `${verdict}: ${errorText(failure.error).slice(0, 300)}`;
  if (verdict === "ALREADY_KNOWN") return journal.markSent(intent.id, now());
  // A low nonce is also what a node says of a transaction that it has just put into a block; by hash we shall know.
  if (verdict === "UNCLEAR" || verdict === "NONCE_USED") return journal.markUnknown(intent.id, now(), detail);
  const known = await broadcaster.knows(intent.transactionHash).catch(() => null);
  if (known === true) return journal.markSent(intent.id, now());
  if (known === false && sending === "first") {
    return journal.resolveIntent(intent.id, { status: "DROPPED", at: now(), detail });
  }
  journal.markUnknown(intent.id, now(), detail);
}

/** A private transaction waits for its relay: without one it must not go anywhere else. */
async function noRelay(): Promise<never> {
  throw new Error("the private relay is not configured any more");
}

/** When this process handed each transaction over, by a monotonic clock. */
export type SendTimes = {
  /** `again`: it was handed over before, by this process or an earlier one. */
  note(hash: Hex, sending: "first" | "again"): void;
  /** A reorganisation dropped it from its block: its price was good enough once, and its wait begins anew. */
  restart(hash: Hex): void;
  /** Milliseconds since the first and since the last hand-over; infinite for one this process never handed over. */
  sinceFirstMs(hash: Hex): number;
  sinceLastMs(hash: Hex): number;
};

/** More transactions than this do not compete for one nonce. */
const KEPT = 256;

/**
 * Keeps the times by the monotonic clock given, so that a wall clock that jumps neither holds a replacement back nor
 * hurries it. What an earlier process sent counts as sent long ago, also when this one has sent it again: a keeper that
 * cron starts afresh every minute would else wait for ever for a transaction that a pool forgets every minute.
 */
export function sendTimes(nowMs: () => number): SendTimes {
  const times = new Map<Hex, { readonly first: number; last: number }>();
  const forgetOldest = () => {
    const [oldest] = times.keys();
    if (times.size > KEPT && oldest !== undefined) times.delete(oldest);
  };
  return {
    note(hash, sending) {
      const now = nowMs();
      const known = times.get(hash);
      const first = sending === "first" ? now : Number.NEGATIVE_INFINITY;
      if (known === undefined) times.set(hash, { first, last: now });
      else known.last = now;
      forgetOldest();
    },
    restart(hash) {
      times.set(hash, { first: nowMs(), last: Number.NEGATIVE_INFINITY });
      forgetOldest();
    },
    sinceFirstMs: (hash) => nowMs() - (times.get(hash)?.first ?? Number.NEGATIVE_INFINITY),
    sinceLastMs: (hash) => nowMs() - (times.get(hash)?.last ?? Number.NEGATIVE_INFINITY),
  };
}

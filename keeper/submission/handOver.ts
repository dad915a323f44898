import type { Intent } from "../domain/intent.ts";
import type { SettleContext } from "./reconcile.ts";
import { classifySendError, errorText } from "./sendError.ts";

/**
 * Sends the bytes of an intent and writes down what came of it: SENT; DROPPED when a node refused the *first* sending
 * for a clear reason and does not have it; UNKNOWN when there is no telling. What was handed over before is never
 * DROPPED for a refusal: another node may have it. Never throws for what the node says.
 */
export async function handOver(intent: Intent, context: SettleContext, sending: "first" | "again"): Promise<void> {
  const { journal, door, now, sends } = context;
  sends.note(intent.transactionHash, sending);
  const send = intent.route === "private" ? (door.sendPrivately ?? noRelay) : door.send;
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
  const known = await door.knows(intent.transactionHash).catch(() => null);
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

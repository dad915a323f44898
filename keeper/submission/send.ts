import type { Hex } from "../domain/batch.ts";
import type { Intent } from "../domain/intent.ts";
import type { SettleContext } from "./context.ts";

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

/**
 * What a node meant when it did not simply accept a transaction. Only `UNCLEAR` leaves it open whether the node has it:
 * a lost answer, a 502, or words that nobody has classified.
 */
type SendVerdict =
  | "ALREADY_KNOWN"
  | "NONCE_USED"
  | "UNDERPRICED"
  | "INSUFFICIENT_FUNDS"
  | "REVERTED"
  | "INVALID"
  | "UNCLEAR";

/**
 * Words of geth, Erigon, Nethermind, Besu, Reth/anvil and Hardhat, most telling first. Text, because error codes do not
 * tell: client libraries report anvil's "already imported" as a low nonce and Hardhat's "underpriced" as invalid input.
 */
const WORDS: readonly (readonly [SendVerdict, RegExp])[] = [
  ["ALREADY_KNOWN", /already known|already imported|already exists|known transaction|alreadyknown|already in mempool/],
  ["INSUFFICIENT_FUNDS", /insufficient funds|insufficient balance|doesn't have enough funds|sender balance/],
  [
    "UNDERPRICED",
    /underpriced|fee too low|max fee per gas less than|less than block base fee|feetoolow|below.*base fee/,
  ],
  ["NONCE_USED", /nonce too low|nonce is too low|oldnonce|nonce.*has already been used|expected nonce to be/],
  ["REVERTED", /execution reverted|reverted with|vm exception/],
  [
    "INVALID",
    /intrinsic gas too low|exceeds block gas limit|gas limit.*(too high|cap)|invalid (sender|signature|chain id)|nonce too high/,
  ],
];

/**
 * Returns what an error of `eth_sendRawTransaction` means, from the text of the whole cause chain.
 * @example classifySendError(new Error("x", { cause: new Error("transaction already imported") })) // "ALREADY_KNOWN"
 */
export function classifySendError(error: unknown): SendVerdict {
  const text = errorText(error).toLowerCase();
  return WORDS.find(([, pattern]) => pattern.test(text))?.[0] ?? "UNCLEAR";
}

/** All messages of an error and its causes in one line, without repetition. */
export function errorText(error: unknown): string {
  const texts = new Set<string>();
  let at: unknown = error;
  for (let depth = 0; depth < 10 && at !== null && at !== undefined; depth += 1) {
    if (typeof at === "string") texts.add(at);
    if (typeof at !== "object") break;
    for (const key of ["message", "details", "data"] as const) {
      const value: unknown = Reflect.get(at, key);
      if (typeof value === "string") texts.add(value);
    }
    at = Reflect.get(at, "cause");
  }
  return [...texts].join(" | ").replaceAll(/\s+/g, " ");
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

import type { Hex } from "../domain/batch.ts";

/** When this process handed each transaction over, by a monotonic clock. */
export type SendTimes = {
  /** `again`: it was handed over before, by this process or an earlier one. */
  note(hash: Hex, sending: "first" | "again"): void;
  /** A reorganisation took it back: its price was good enough once, and its wait begins anew. */
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

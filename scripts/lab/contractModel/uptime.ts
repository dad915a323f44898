import type { UptimeRound } from "../../../keeper/domain/contract.ts";
import { minuteOf } from "./units.ts";

/** From one minute to another. */
export type Span = { readonly from: number; readonly to: number };

/** The uptime feed of a rollup's sequencer, with all its rounds so far, the oldest first. */
export type Sequencer = { readonly graceSeconds: number; readonly rounds: readonly UptimeRound[] };

/** Rounds that the contract looks back on. */
export const ROUNDS = 16;

/**
 * Returns the minutes that count for maintenance up to `now` (Unix seconds), the oldest first: those that lie whole in
 * a time in which the sequencer was up, its grace aside, as far as the last sixteen rounds tell. A round is known from its
 * start on.
 * @example upSpans({ graceSeconds: 600, rounds: [{ up: true, startedAt: EPOCH }] }, EPOCH + 1_800) // [{ from: 10, to: 30 }]
 */
export function upSpans({ graceSeconds, rounds }: Sequencer, now: number): Span[] {
  const known = rounds.filter(({ startedAt }) => startedAt <= now).slice(-ROUNDS);
  return known.flatMap(({ up, startedAt }, index) => {
    const from = Math.max(0, minuteOf(startedAt + graceSeconds + 59));
    const to = minuteOf(known[index + 1]?.startedAt ?? now);
    return up && to > from ? [{ from, to }] : [];
  });
}

import { DAY_MINUTES, minuteOf } from "../../../keeper/domain/calendar.ts";
import type { ProfileValues, UptimeRound } from "../../../keeper/domain/contract.ts";

/** From one minute to another. */
export type Span = { readonly from: number; readonly to: number };

/** The uptime feed of a rollup's sequencer, with all its rounds so far, the oldest first. */
export type Sequencer = { readonly graceSeconds: number; readonly rounds: readonly UptimeRound[] };

/** Rounds that the contract looks back on. */
const ROUNDS = 16;

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

type Speeds = Pick<ProfileValues, "tightenSpeedBpsPerDay" | "loosenSpeedBpsPerDay">;

/**
 * Returns how often a clock of `speedBpsPerDay` ticks a day has ticked from EPOCH to `minute`. All markets of a speed
 * share the clock, so the fraction of a basis point that is under way is in it and never in a stored value.
 * @example ticksTo(150, 14) // 1
 */
function ticksTo(speedBpsPerDay: number, minute: number): number {
  return Math.floor((speedBpsPerDay * minute) / DAY_MINUTES);
}

/** Returns how often it ticks between two minutes; `up` are the minutes that count, null when all do. */
function ticksBetween(speedBpsPerDay: number, fromMinute: number, toMinute: number, up: readonly Span[] | null) {
  const spans = up ?? [{ from: fromMinute, to: toMinute }];
  return spans.reduce((sum, span) => {
    const [from, to] = [Math.max(span.from, fromMinute), Math.min(span.to, toMinute)];
    return to > from ? sum + ticksTo(speedBpsPerDay, to) - ticksTo(speedBpsPerDay, from) : sum;
  }, 0);
}

/**
 * Returns where a value (bps) is at `toMinute` that was at `fromBps` at `fromMinute`: one basis point closer to
 * its target for each tick in between, never past it. Settling on the way changes nothing. `minutes` are those that
 * count, null when all do.
 * @example follow(1800, 1850, 0, 240, { tightenSpeedBpsPerDay: 150, loosenSpeedBpsPerDay: 50 }) // 1825
 */
export function follow(
  fromBps: number,
  targetBps: number,
  fromMinute: number,
  toMinute: number,
  speeds: Speeds,
  minutes: readonly Span[] | null = null,
) {
  if (toMinute <= fromMinute) return fromBps;
  const up = targetBps > fromBps;
  const speed = up ? speeds.tightenSpeedBpsPerDay : speeds.loosenSpeedBpsPerDay;
  const ticks = ticksBetween(speed, fromMinute, toMinute, minutes);
  return up ? Math.min(targetBps, fromBps + ticks) : Math.max(targetBps, fromBps - ticks);
}

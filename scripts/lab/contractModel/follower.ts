import type { ProfileValues } from "../../../keeper/domain/contract.ts";
import { DAY_MINUTES } from "./units.ts";
import type { Span } from "./uptime.ts";

type Speeds = Pick<ProfileValues, "tightenSpeedBpsPerDay" | "loosenSpeedBpsPerDay">;

/**
 * Returns how often a clock of `speedBpsPerDay` ticks a day has ticked from EPOCH to `minute`. All markets of a speed
 * share the clock, so the fraction of a basis point that is under way is in it and never in a stored value.
 * @example ticksTo(150, 14) // 1
 */
export function ticksTo(speedBpsPerDay: number, minute: number): number {
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
 * Returns where a value (bps) stands at `toMinute` that stood at `fromBps` at `fromMinute`: one basis point closer to
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

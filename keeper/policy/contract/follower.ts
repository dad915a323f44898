import type { ProfileValues } from "../../domain/contract.ts";
import { DAY_MINUTES } from "./units.ts";

export type Speeds = Pick<ProfileValues, "tightenSpeedBpsPerDay" | "loosenSpeedBpsPerDay">;

/**
 * Returns how often a clock of `speedBpsPerDay` ticks a day has ticked from EPOCH to `minute`. All markets of a speed
 * share the clock, so the fraction of a basis point that is under way is in it and never in a stored value.
 * @example ticksTo(150, 14) // 1
 */
export function ticksTo(speedBpsPerDay: number, minute: number): number {
  return Math.floor((speedBpsPerDay * minute) / DAY_MINUTES);
}

/**
 * Returns where a value (bps) stands at `toMinute` that stood at `fromBps` at `fromMinute`: one basis point closer to
 * its target for each tick in between, never past it. Settling on the way changes nothing.
 * @example follow(1800, 1850, 0, 240, { tightenSpeedBpsPerDay: 150, loosenSpeedBpsPerDay: 50 }) // 1825
 */
export function follow(fromBps: number, targetBps: number, fromMinute: number, toMinute: number, speeds: Speeds) {
  if (toMinute <= fromMinute) return fromBps;
  const up = targetBps > fromBps;
  const speed = up ? speeds.tightenSpeedBpsPerDay : speeds.loosenSpeedBpsPerDay;
  const ticks = ticksTo(speed, toMinute) - ticksTo(speed, fromMinute);
  return up ? Math.min(targetBps, fromBps + ticks) : Math.max(targetBps, fromBps - ticks);
}

import { DAY_SECONDS } from "../domain/calendar.ts";
import { requireAmount } from "./numerics/requireRange.ts";

/** Fastest moves a day, in the unit of the value; up and down. */
type Speeds = { readonly upPerDay: number; readonly downPerDay: number };

/**
 * A speed-limited follower after `elapsedSeconds`: `value` moved towards `target` by at most the speed of its direction,
 * and never past it. There is no ramp to restart: following in many steps or in one gives the same, and sending the same
 * target again changes nothing.
 * @example speedLimited(8500, 7500, 4 * 86_400, { upPerDay: 100, downPerDay: 100 }) // 8100
 */
export function speedLimited(value: number, target: number, elapsedSeconds: number, speeds: Speeds): number {
  requireAmount("elapsedSeconds", elapsedSeconds);
  requireAmount("upPerDay", speeds.upPerDay);
  requireAmount("downPerDay", speeds.downPerDay);
  const days = elapsedSeconds / DAY_SECONDS;
  return target >= value
    ? Math.min(target, value + speeds.upPerDay * days)
    : Math.max(target, value - speeds.downPerDay * days);
}

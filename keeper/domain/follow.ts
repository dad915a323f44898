import { minuteOf, timeOf } from "./calendar.ts";
import type { MarketMode } from "./contract.ts";

/** Minutes in the 30 days that speeds are quoted in. */
const PERIOD = 43_200;

/** What maintenance's way to its target depends on; times are Unix seconds. */
type Following = {
  readonly maintenanceBps: number;
  readonly maintenanceTargetBps: number;
  readonly mode: MarketMode;
  readonly modeUntil: number;
  readonly tightenSpeedBpsPer30Days: number;
  readonly loosenSpeedBpsPer30Days: number;
};

/**
 * Where maintenance is at `time`, bps, when it is `maintenanceBps` at `since` and nothing is written or stale between: FROZEN,
 * until it lapses, stops its fall. The contract's own arithmetic (Follow.sol).
 */
export function maintenanceAfter(market: Following, since: number, time: number): number {
  const { maintenanceBps: value, maintenanceTargetBps: target, mode, modeUntil } = market;
  if (target > value) {
    const speed = market.tightenSpeedBpsPer30Days;
    return Math.min(target, value + ticksTo(speed, time) - ticksTo(speed, since));
  }
  const from = mode === "FROZEN" ? Math.min(time, Math.max(since, modeUntil)) : since;
  const speed = market.loosenSpeedBpsPer30Days;
  return Math.max(target, value - (ticksTo(speed, time) - ticksTo(speed, from)));
}

/**
 * When it has moved by `bps`, Unix seconds: the first second of that minute; infinite where it does not move.
 * @example whenMoved({ ...calm, maintenanceTargetBps: 2_200 }, 10, now) // a day later: 300 bp in 30 days
 */
export function whenMoved(market: Following, bps: number, since: number): number {
  const { maintenanceBps: value, maintenanceTargetBps: target, mode, modeUntil } = market;
  const up = target > value;
  const speed = up ? market.tightenSpeedBpsPer30Days : market.loosenSpeedBpsPer30Days;
  if (speed === 0) return Number.POSITIVE_INFINITY;
  const from = !up && mode === "FROZEN" ? Math.max(since, modeUntil) : since;
  return timeOf(Math.ceil(((ticksTo(speed, from) + bps) * PERIOD) / speed));
}

/**
 * How often a clock of `speedBpsPer30Days` has ticked from EPOCH to `time`. All markets of a speed share the clock, so the
 * fraction of a basis point that is under way is in it and never in a stored value.
 * @example ticksTo(300, EPOCH + 144 * 60) // 1
 */
function ticksTo(speedBpsPer30Days: number, time: number): number {
  return Math.floor((speedBpsPer30Days * minuteOf(time)) / PERIOD);
}

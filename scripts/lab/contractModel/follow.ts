import { EPOCH, HOUR_SECONDS, minuteOf, windowOf } from "../../../keeper/domain/calendar.ts";
import type { MarketMode } from "../../../keeper/domain/contract.ts";
import type { Market } from "./state.ts";

/** Minutes in the 30 days that speeds are quoted in. */
const PERIOD = 43_200;
/** What the contract's fields for the age of data and of numbers hold, minutes. */
const LONGEST = 4_095;

/** The first second of the minute, and of the hour, in which a time lies: the contract knows no finer ones. */
export const minuteStart = (time: number) => time - ((time - EPOCH) % 60);
export const hourStart = (time: number) => time - ((time - EPOCH) % HOUR_SECONDS);

/**
 * How often a clock of `speedBpsPer30Days` has ticked from EPOCH to `time`. All markets of a speed share the clock, so the
 * fraction of a basis point that is under way is in it and never in a stored value.
 * @example ticksTo(300, EPOCH + 144 * 60) // 1
 */
function ticksTo(speedBpsPer30Days: number, time: number): number {
  return Math.floor((speedBpsPer30Days * minuteOf(time)) / PERIOD);
}

/** The last time at which the data counts as fresh: while governance holds the values it does not age. */
export function freshUntil({ asOf, heldUntil, ttlHours }: Market): number {
  return Math.max(asOf, heldUntil) + ttlHours * HOUR_SECONDS;
}

/** Whether the data is older than the ttl. */
export function isStale(market: Market, time: number): boolean {
  return minuteStart(time) > freshUntil(market);
}

/** The minute up to which maintenance moves by `time`: silence stops it. */
function movesUntil(market: Market, time: number): number {
  return Math.max(market.settled, Math.min(minuteStart(time), freshUntil(market)));
}

/** Where maintenance is at a minute (bps) before which silence has not stopped it; FROZEN, until it lapses, stops its fall. */
function followed(market: Market, minute: number): number {
  const { maintenanceBps: value, maintenanceTargetBps: target, settled: since, mode, modeUntil } = market;
  if (target > value) {
    const speed = market.tightenSpeedBpsPer30Days;
    return Math.min(target, value + ticksTo(speed, minute) - ticksTo(speed, since));
  }
  const from = mode === "FROZEN" ? Math.min(minute, Math.max(since, modeUntil)) : since;
  const speed = market.loosenSpeedBpsPer30Days;
  return Math.max(target, value - (ticksTo(speed, minute) - ticksTo(speed, from)));
}

/** Maintenance as consumers read it, bps. */
export function maintenanceAt(market: Market, time: number): number {
  return followed(market, movesUntil(market, time));
}

/** The mode in force: NORMAL again from the hour at which the one set lapses. */
export function modeAt(market: Market, time: number): MarketMode {
  return time < market.modeUntil ? market.mode : "NORMAL";
}

/** Minutes since the three numbers last changed, at a time not before `settled`. */
export function unchangedAt(market: Market, time: number): number {
  return Math.min(market.unchangedMinutes + minuteOf(time) - minuteOf(market.settled), LONGEST);
}

/** What the market has spent of its budgets in the window in which a time lies. */
export function spentAt(market: Market, time: number): Pick<Market, "spentBps" | "raised"> {
  const { spentBps, raised } = market;
  const isOfWindow = windowOf(market.settled) === windowOf(time);
  return isOfWindow ? { spentBps, raised } : { spentBps: 0, raised: 0 };
}

/** The market with maintenance, its clock, budgets and the age of the data brought to `time`, no value changed. */
export function settle(market: Market, time: number): Market {
  const settled = movesUntil(market, time);
  return {
    ...market,
    maintenanceBps: followed(market, settled),
    settled,
    asOf: Math.max(market.asOf, settled - LONGEST * 60),
    unchangedMinutes: unchangedAt(market, settled),
    ...spentAt(market, settled),
  };
}

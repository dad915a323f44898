import { EPOCH, HOUR_SECONDS, minuteOf, windowOf } from "../../../keeper/domain/calendar.ts";
import type { MarketMode } from "../../../keeper/domain/contract.ts";
import { maintenanceAfter } from "../../../keeper/domain/follow.ts";
import type { Market } from "./state.ts";

/** What the contract's fields for the age of data and of numbers hold, minutes. */
const LONGEST = 4_095;

/** The first second of the minute, and of the hour, in which a time lies: the contract knows no finer ones. */
export const minuteStart = (time: number) => time - ((time - EPOCH) % 60);
export const hourStart = (time: number) => time - ((time - EPOCH) % HOUR_SECONDS);

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

/** Maintenance as consumers read it, bps. */
export function maintenanceAt(market: Market, time: number): number {
  return maintenanceAfter(market, market.settled, movesUntil(market, time));
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
    maintenanceBps: maintenanceAfter(market, market.settled, settled),
    settled,
    asOf: Math.max(market.asOf, settled - LONGEST * 60),
    unchangedMinutes: unchangedAt(market, settled),
    ...spentAt(market, settled),
  };
}

export const HOUR_SECONDS = 3_600;
export const DAY_SECONDS = 86_400;
/** A year of 365 days (ACT/365), the year of every volatility here. */
export const YEAR_SECONDS = 31_536_000;
export const YEAR_HOURS = 8_760;
export const DAY_MS = 86_400_000;

/** Where the contract's calendar starts: 2015-01-01T00:00:00Z, Unix seconds. */
export const EPOCH = 1_420_070_400;
/** A window of the loosening budgets: a third of a day, aligned to midnight UTC. */
const WINDOW_MINUTES = 480;

/** Whole minutes since EPOCH. @example minuteOf(1_420_070_519) // 1 */
export function minuteOf(time: number): number {
  return Math.floor((time - EPOCH) / 60);
}

/** The first second of a minute. @example timeOf(1) // 1_420_070_460 */
export function timeOf(minute: number): number {
  return EPOCH + minute * 60;
}

/** The budget window in which a time lies. @example windowOf(timeOf(959)) // 1 */
export function windowOf(time: number): number {
  return Math.floor(minuteOf(time) / WINDOW_MINUTES);
}

/** The first second of the next budget window. @example nextWindow(timeOf(959)) // timeOf(960) */
export function nextWindow(time: number): number {
  return timeOf((windowOf(time) + 1) * WINDOW_MINUTES);
}

/**
 * From when the contract lets the data of a market age: the time of the oldest datum, or the end of governance's hold.
 * @example agesFrom({ asOf: 100, heldUntil: 0 }) // 100
 */
export function agesFrom(market: { readonly asOf: number; readonly heldUntil: number }): number {
  return Math.max(market.asOf, market.heldUntil);
}

/** Unix seconds as ISO 8601 without milliseconds. @example isoTime(1770326977) // "2026-02-05T21:29:37Z" */
export function isoTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
}

import { DAY_SECONDS, HOUR_SECONDS } from "./calendar.ts";
import { NO_LIMIT, tokensOf } from "./contract.ts";

/** Numbers and times as people read them. Digits are grouped by commas, the point is decimal; times are UTC. */

/** A fraction in percent; "-" for null and what is no finite number. @example percent(0.834) // "83.40 %" */
export function percent(fraction: number | null, digits = 2): string {
  return fraction === null || !Number.isFinite(fraction) ? "-" : `${(100 * fraction).toFixed(digits)} %`;
}

/** The same without zeros at its end. @example shortPercent(0.05) // "5 %" */
export function shortPercent(fraction: number, digits = 2): string {
  return `${Number((100 * fraction).toFixed(digits))} %`;
}

/** Basis points in percent. @example bpsPercent(1660) // "16.60 %" */
export function bpsPercent(bps: number): string {
  return percent(bps / 10_000);
}

/** Signed basis points. @example signedBps(1234) // "+1,234 bp" */
export function signedBps(bps: number): string {
  return `${bps < 0 ? "-" : "+"}${grouped(Math.abs(bps), 0)} bp`;
}

/** A large amount in US dollars, three or four digits. @example usd(2_345_678) // "$2.35 M" */
export function usd(amount: number): string {
  const scales: readonly (readonly [number, string])[] = [
    [1e9, " B"],
    [1e6, " M"],
    [1e3, " k"],
  ];
  const [unit, suffix] = scales.find(([size]) => amount >= size) ?? [1, ""];
  return `$${grouped(amount / unit, 2)}${suffix}`;
}

/** A number of whole tokens, in nine columns at most. @example tokens(12_000) // "12,000" */
export function tokens(amount: number): string {
  if (amount >= 1e12) return amount.toExponential(1);
  return amount < 1e6 ? grouped(amount, 0) : usd(amount).slice(1);
}

/**
 * An exposure limit given in whole tokens, with a unit behind a number; what limits nothing says so.
 * @example limitTokens(12_000, " tokens") // "12,000 tokens"
 */
export function limitTokens(amount: number, unit = ""): string {
  return amount >= Number(tokensOf(NO_LIMIT)) ? "no limit" : `${tokens(amount)}${unit}`;
}

/** A price in US dollars. @example price(2345.6) // "$2,345.60" */
export function price(amount: number | null): string {
  if (amount === null) return "no price";
  return `$${grouped(amount, amount >= 1 ? 2 : 6)}`;
}

/** A time span. @example span(720) // "12 min" */
export function span(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 2 * HOUR_SECONDS) return `${Math.round(seconds / 60)} min`;
  if (seconds < 48 * HOUR_SECONDS) return `${grouped(seconds / HOUR_SECONDS, 1)} h`;
  return `${grouped(seconds / DAY_SECONDS, 1)} d`;
}

/** A moment. @example moment(1769572847) // "2026-01-28 04:00 UTC" */
export function moment(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** The day of a moment. @example day(1769572847) // "28 January 2026" */
export function day(seconds: number): string {
  const time = new Date(seconds * 1000);
  return `${time.getUTCDate()} ${MONTHS[time.getUTCMonth()]} ${time.getUTCFullYear()}`;
}

const MONTHS = [
  ...["January", "February", "March", "April", "May", "June", "July"],
  ...["August", "September", "October", "November", "December"],
];

/** The ends of a hash. @example shortHash("0x1234567890abcdef") // "0x123456..cdef" */
export function shortHash(hash: string): string {
  return hash.length <= 14 ? hash : `${hash.slice(0, 8)}..${hash.slice(-4)}`;
}

function grouped(value: number, digits: number): string {
  const [whole = "", rest] = value.toFixed(digits).split(".");
  const commas = whole.replaceAll(/\B(?=(\d{3})+$)/g, ",");
  return rest === undefined ? commas : `${commas}.${rest}`;
}

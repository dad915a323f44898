import { DAY_SECONDS, HOUR_SECONDS } from "../../../../keeper/domain/calendar.ts";

const EXPIRY_SECONDS = 8 * HOUR_SECONDS;
const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

/**
 * Eight expiries after `time`, ascending, Unix seconds at 08:00 UTC, by the venue's calendar: the next two days, the
 * next two Fridays, the last Fridays of two months and of the quarters after them.
 */
export function expiriesAfter(time: number): readonly number[] {
  const first = Math.floor((time - EXPIRY_SECONDS) / DAY_SECONDS) * DAY_SECONDS + DAY_SECONDS + EXPIRY_SECONDS;
  const days = Array.from({ length: 420 }, (_, day) => first + day * DAY_SECONDS);
  const fridays = days.filter((at) => new Date(at * 1000).getUTCDay() === 5);
  const monthEnds = fridays.filter((at) => monthOf(at) !== monthOf(at + 7 * DAY_SECONDS));
  const quarterEnds = monthEnds.filter((at) => monthOf(at) % 3 === 2);
  const byImportance = [
    ...days.slice(0, 2),
    ...fridays.slice(0, 2),
    ...monthEnds.slice(0, 2),
    ...quarterEnds.slice(0, 3),
    ...fridays.slice(2),
  ];
  return [...new Set(byImportance)].slice(0, 8).sort((a, b) => a - b);
}

/**
 * Strikes around `forward`, ascending: round numbers as far as `reach` in log-moneyness on both sides, about 21 of them,
 * never closer than `smallestStep`, and at least five on each side.
 */
export function strikesAround(forward: number, reach: number, smallestStep: number): readonly number[] {
  const step = Math.max(smallestStep, roundUp((2 * forward * Math.sinh(reach)) / 20));
  const low = Math.min(forward * Math.exp(-reach), forward - 5 * step);
  const high = Math.max(forward * Math.exp(reach), forward + 5 * step);
  const strikes: number[] = [];
  for (let strike = Math.max(step, Math.ceil(low / step) * step); strike <= high; strike += step) strikes.push(strike);
  return strikes;
}

/** The venue's spelling. @example optionName("ETH", 1772179200, 3000, "call") // "ETH-27FEB26-3000-C" */
export function optionName(currency: string, expiry: number, strike: number, kind: "call" | "put"): string {
  const date = new Date(expiry * 1000);
  const year = String(date.getUTCFullYear()).slice(2);
  return `${currency}-${date.getUTCDate()}${MONTHS[date.getUTCMonth()]}${year}-${strike}-${kind === "call" ? "C" : "P"}`;
}

function monthOf(time: number): number {
  return new Date(time * 1000).getUTCMonth();
}

/** The next of 1, 2, 2.5, 5 or 10 times a power of ten. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return (([1, 2, 2.5, 5].find((digit) => digit * power >= value) ?? 10) * power) as number;
}

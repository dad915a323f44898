const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
/** Options of OKX, Bybit and Binance expire at 08:00 UTC, as Deribit's do. */
const EXPIRY_HOUR = 8;

/**
 * Expiry in Unix seconds of a date written as six digits, year first, or null where there is no such day.
 * @example expiryOfDigits("260227") // 1772179200: 2026-02-27T08:00:00Z
 */
export function expiryOfDigits(date: string): number | null {
  if (!/^\d{6}$/.test(date)) return null;
  return expiryAt(Number(date.slice(0, 2)), Number(date.slice(2, 4)) - 1, Number(date.slice(4, 6)));
}

/**
 * Expiry in Unix seconds of a date written as day, month name and two digits of the year, or null where there is no such
 * day. The day has no leading zero at the venues; one is accepted.
 * @example expiryOfNames("27FEB26") // 1772179200
 */
export function expiryOfNames(date: string): number | null {
  const [, day = "", month = "", year = ""] = /^(\d{1,2})([A-Z]{3})(\d{2})$/.exec(date) ?? [];
  const index = MONTHS.indexOf(month);
  return index < 0 ? null : expiryAt(Number(year), index, Number(day));
}

function expiryAt(year: number, month: number, day: number): number | null {
  const date = new Date(Date.UTC(2000 + year, month, day, EXPIRY_HOUR));
  const same = date.getUTCFullYear() === 2000 + year && date.getUTCMonth() === month && date.getUTCDate() === day;
  return same ? date.getTime() / 1000 : null;
}

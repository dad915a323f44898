const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** Basis points in percent. @param {number | null} bps */
export function bpsPercent(bps) {
  return bps === null ? "no value" : `${(bps / 100).toFixed(2)} %`;
}

/** A fraction in percent. @param {number | null} fraction @param {number} [digits] */
export function percent(fraction, digits = 1) {
  return fraction === null ? "no value" : `${(fraction * 100).toFixed(digits)} %`;
}

/** A price in US dollars. @param {number | null} amount */
export function price(amount) {
  if (amount === null) return "no price";
  const digits = Math.abs(amount) >= 1000 ? 0 : Math.abs(amount) >= 1 ? 2 : 6;
  return `$${amount.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits })}`;
}

/** A large amount in US dollars. @param {number} amount */
export function usd(amount) {
  if (amount >= 1e9) return `$${(amount / 1e9).toFixed(2)} B`;
  if (amount >= 1e6) return `$${(amount / 1e6).toFixed(2)} M`;
  if (amount >= 1e3) return `$${(amount / 1e3).toFixed(1)} k`;
  return `$${amount.toFixed(2)}`;
}

/** What the contract answers where a market has no limit, whole tokens. */
const NO_LIMIT = 2047 * 2 ** 62;

/** A number of whole tokens. @param {number} amount */
export function tokens(amount) {
  if (amount >= NO_LIMIT) return "no limit";
  return amount < 1e9 ? amount.toLocaleString("en-US") : amount.toExponential(2);
}

/** A time span. @param {number} seconds */
export function span(seconds) {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${(seconds / 3600).toFixed(1)} h`;
  return `${(seconds / 86_400).toFixed(1)} days`;
}

/** "5 Feb 2026, 16:00". @param {number} seconds Unix seconds */
export function moment(seconds) {
  const date = new Date(seconds * 1000);
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}, ${clock(seconds)}`;
}

/** "5 Feb". @param {number} seconds Unix seconds */
export function day(seconds) {
  const date = new Date(seconds * 1000);
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}`;
}

/** "16:00". @param {number} seconds Unix seconds */
export function clock(seconds) {
  return new Date(seconds * 1000).toISOString().slice(11, 16);
}

/** The ends of a hash. @param {string} hash */
export function shortHash(hash) {
  return hash.length <= 14 ? hash : `${hash.slice(0, 8)}…${hash.slice(-4)}`;
}

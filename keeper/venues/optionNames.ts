import type { Instrument } from "../domain/quoteRules.ts";

/** "d" is the point of a strike below one. */
const DERIBIT =
  /^(?<currency>[A-Z0-9]+(?:_[A-Z0-9]+)?)-(?<date>\d{1,2}[A-Z]{3}\d{2})-(?<strike>\d+(?:d\d+)?)-(?<side>[CP])$/;
const OKX = /^(?<currency>[A-Z0-9]+)-USD-(?<date>\d{6})-(?<strike>\d+(?:\.\d+)?)-(?<side>[CP])$/;
const BINANCE = /^(?<currency>[A-Z0-9]+)-(?<date>\d{6})-(?<strike>\d+(?:\.\d+)?)-(?<side>[CP])$/;
const BYBIT = /^(?<currency>[A-Z0-9]+)-(?<date>\d{1,2}[A-Z]{3}\d{2})-(?<strike>\d+(?:\.\d+)?)-(?<side>[CP])(-USDT)?$/;
const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
/** All four venues' options expire at 08:00 UTC. */
const EXPIRY_HOUR = 8;

/**
 * Parts of a Deribit option name, or null where the text is not one (futures, perpetuals, impossible dates, strike 0). A leading
 * zero of the date is accepted. Strikes below one are written with "d" for the point.
 * @example parseInstrument("ETH-27FEB26-3000-C")
 * // { currency: "ETH", expiry: 1772179200, strike: 3000, kind: "call" }: 2026-02-27T08:00:00Z
 */
export function parseInstrument(name: string): Instrument | null {
  return optionOf(DERIBIT, name);
}

/**
 * Parts of the name of an inverse (coin-settled) OKX option, or null where the text is not one: futures, swaps, linear
 * options ("BTC-USD_UM-..."), impossible dates, strike 0.
 * @example okxOption("ETH-USD-260227-3000-C") // { currency: "ETH", expiry: 1772179200, strike: 3000, kind: "call" }
 */
export function okxOption(name: string): Instrument | null {
  return optionOf(OKX, name);
}

/** The same of a Binance option. @example binanceOption("ETH-260227-3000-C") // as above */
export function binanceOption(name: string): Instrument | null {
  return optionOf(BINANCE, name);
}

/** An option of Bybit: what its name says, and the dollar it is settled in. */
export type BybitOption = Instrument & { readonly settledIn: "USDC" | "USDT" };

/**
 * The same of a Bybit option. Options settled in USDC have no suffix, those in USDT end in "-USDT"; nothing else may follow.
 * @example bybitOption("ETH-27FEB26-3000-C-USDT") // as above, settledIn: "USDT"
 */
export function bybitOption(name: string): BybitOption | null {
  const option = optionOf(BYBIT, name);
  return option === null ? null : { ...option, settledIn: name.endsWith("-USDT") ? "USDT" : "USDC" };
}

function optionOf(pattern: RegExp, name: string): Instrument | null {
  const { currency = "", date = "", strike: strikeText = "", side } = pattern.exec(name)?.groups ?? {};
  const expiry = expiryOf(date);
  const strike = Number(strikeText.replace("d", "."));
  if (expiry === null || !(strike > 0)) return null;
  return { currency, expiry, strike, kind: side === "C" ? "call" : "put" };
}

/** Expiry in Unix seconds of "260227" or "27FEB26" (a leading zero is accepted), or null where there is no such day. */
function expiryOf(date: string): number | null {
  const [, year = "", month = "", day = ""] = /^(\d\d)(\d\d)(\d\d)$/.exec(date) ?? [];
  if (year !== "") return expiryAt(Number(year), Number(month) - 1, Number(day));
  const [, dayOf = "", name = "", yearOf = ""] = /^(\d{1,2})([A-Z]{3})(\d{2})$/.exec(date) ?? [];
  return MONTHS.includes(name) ? expiryAt(Number(yearOf), MONTHS.indexOf(name), Number(dayOf)) : null;
}

function expiryAt(year: number, month: number, day: number): number | null {
  const date = new Date(Date.UTC(2000 + year, month, day, EXPIRY_HOUR));
  const same = date.getUTCFullYear() === 2000 + year && date.getUTCMonth() === month && date.getUTCDate() === day;
  return same ? date.getTime() / 1000 : null;
}

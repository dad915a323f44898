import type { Instrument } from "../../domain/instrument.ts";
import { expiryOfDigits } from "../instrumentDate.ts";

const PATTERN = /^([A-Z0-9]+)-USD-(\d{6})-(\d+(?:\.\d+)?)-([CP])$/;

/**
 * Parts of the name of an inverse (coin-settled) OKX option, or null where the text is not one: futures, swaps, linear
 * options ("BTC-USD_UM-..."), impossible dates, strike 0.
 * @example parseOkxInstrument("ETH-USD-260227-3000-C")
 * // { currency: "ETH", expiry: 1772179200, strike: 3000, kind: "call" }
 */
export function parseOkxInstrument(name: string): Instrument | null {
  const [, currency = "", date = "", strikeText = "", side] = PATTERN.exec(name) ?? [];
  const expiry = expiryOfDigits(date);
  const strike = Number(strikeText);
  if (expiry === null || !(strike > 0)) return null;
  return { currency, expiry, strike, kind: side === "C" ? "call" : "put" };
}

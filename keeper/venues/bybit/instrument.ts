import type { Instrument } from "../../domain/instrument.ts";
import { expiryOfNames } from "../instrumentDate.ts";

const PATTERN = /^([A-Z0-9]+)-(\d{1,2}[A-Z]{3}\d{2})-(\d+(?:\.\d+)?)-([CP])(-USDT)?$/;

/** An option of Bybit: what its name says, and the dollar it is settled in. */
export type BybitInstrument = Instrument & { readonly settledIn: "USDC" | "USDT" };

/**
 * Parts of the name of a Bybit option, or null where the text is not one. Options settled in USDC have no suffix, those
 * in USDT end in "-USDT"; nothing else may follow.
 * @example parseBybitInstrument("ETH-27FEB26-3000-C-USDT")
 * // { currency: "ETH", expiry: 1772179200, strike: 3000, kind: "call", settledIn: "USDT" }
 */
export function parseBybitInstrument(name: string): BybitInstrument | null {
  const [, currency = "", date = "", strikeText = "", side, suffix] = PATTERN.exec(name) ?? [];
  const expiry = expiryOfNames(date);
  const strike = Number(strikeText);
  if (expiry === null || !(strike > 0)) return null;
  const settledIn = suffix === undefined ? "USDC" : "USDT";
  return { currency, expiry, strike, kind: side === "C" ? "call" : "put", settledIn };
}

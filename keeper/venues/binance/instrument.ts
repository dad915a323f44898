import type { Instrument } from "../../domain/instrument.ts";
import { expiryOfDigits } from "../instrumentDate.ts";

const PATTERN = /^([A-Z0-9]+)-(\d{6})-(\d+(?:\.\d+)?)-([CP])$/;

/**
 * Parts of the name of a Binance option, or null where the text is not one.
 * @example parseBinanceInstrument("ETH-260227-3000-C")
 * // { currency: "ETH", expiry: 1772179200, strike: 3000, kind: "call" }
 */
export function parseBinanceInstrument(name: string): Instrument | null {
  const [, currency = "", date = "", strikeText = "", side] = PATTERN.exec(name) ?? [];
  const expiry = expiryOfDigits(date);
  const strike = Number(strikeText);
  if (expiry === null || !(strike > 0)) return null;
  return { currency, expiry, strike, kind: side === "C" ? "call" : "put" };
}

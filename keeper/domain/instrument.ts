/** What the name of an option says. `expiry` in Unix seconds, `strike` in US dollars. */
export type Instrument = {
  /** Text before the first hyphen: "ETH" for inverse options, "SOL_USDC" for linear ones. */
  readonly currency: string;
  readonly expiry: number;
  readonly strike: number;
  readonly kind: "call" | "put";
};

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
/** Deribit options expire at 08:00 UTC. */
const EXPIRY_HOUR = 8;
const PATTERN = /^([A-Z0-9]+(?:_[A-Z0-9]+)?)-(\d{1,2})([A-Z]{3})(\d{2})-(\d+(?:d\d+)?)-([CP])$/;

/**
 * Parts of a Deribit option name, or null where the text is not one (futures, perpetuals, impossible dates, strike 0).
 * The date has no leading zero at the venue; one is accepted. Strikes below one are written with "d" for the point.
 * @example parseInstrument("ETH-27FEB26-3000-C")
 * // { currency: "ETH", expiry: 1772179200, strike: 3000, kind: "call" }: 2026-02-27T08:00:00Z
 */
export function parseInstrument(name: string): Instrument | null {
  const match = PATTERN.exec(name);
  if (match === null) return null;
  const [, currency = "", day = "", monthName = "", year = "", strikeText = "", side] = match;
  const month = MONTHS.indexOf(monthName);
  const date = new Date(Date.UTC(2000 + Number(year), month, Number(day), EXPIRY_HOUR));
  const strike = Number(strikeText.replace("d", "."));
  if (month < 0 || date.getUTCDate() !== Number(day) || !(strike > 0)) return null;
  return { currency, expiry: date.getTime() / 1000, strike, kind: side === "C" ? "call" : "put" };
}

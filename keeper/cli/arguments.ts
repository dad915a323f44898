import { TonsorError } from "../domain/errors.ts";

/** A parser of a finite number in [low, high]. @example numberIn("speed", 1, 1e6)("3600") // 3600 */
export function numberIn(field: string, low: number, high: number): (text: string) => number {
  return (text) => {
    const value = text.trim() === "" ? Number.NaN : Number(text);
    if (!(value >= low && value <= high)) refuse(field, text, `a number in [${low}, ${high}]`);
    return value;
  };
}

/** A parser of a whole number in [low, high]. @example wholeNumberIn("port", 0, 65535)("8080") // 8080 */
export function wholeNumberIn(field: string, low: number, high: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= low && value <= high)) refuse(field, text, `a whole number in [${low}, ${high}]`);
    return value;
  };
}

/** A parser of a moment, Unix seconds. @example momentIn("from")("2026-02-05T21:30:00Z") // 1770327000 */
export function momentIn(field: string): (text: string) => number {
  return (text) => {
    const dated = /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2}))?$/.exec(text);
    const seconds = /^\d{9,11}$/.test(text) ? Number(text) : dated === null ? Number.NaN : Date.parse(text) / 1000;
    // Read back, for some days that do not exist are taken for the next month's.
    const day = dated?.[1];
    const midnight = day === undefined ? 0 : Date.parse(`${day}T00:00:00Z`);
    const exists = day === undefined || new Date(midnight || 0).toISOString().slice(0, 10) === day;
    if (!Number.isFinite(seconds) || !exists) {
      refuse(field, text, "2026-02-05, 2026-02-05T21:30:00Z, or Unix seconds");
    }
    return seconds;
  };
}

/**
 * A transaction hash, or how one begins, lower case; the ends of a hash as lists show them stand for its beginning.
 * @example transactionHash("0xA3E106..a773") // "0xa3e106"
 */
export function transactionHash(text: string | undefined): string {
  const digits = /^(0x[0-9a-fA-F]{4,64})(?:(?:\.\.|…)[0-9a-fA-F]{4})?$/.exec(text ?? "")?.[1];
  return (
    digits?.toLowerCase() ?? refuse("transaction", text ?? "", "a hash as lists show it, or 0x and 4 to 64 digits")
  );
}

/** The configured market meant by `text`, whatever its case; UNKNOWN_MARKET with the known names otherwise. */
export function knownMarket(text: string | undefined, names: readonly string[]): string {
  const found = names.find((name) => name.toLowerCase() === text?.toLowerCase());
  if (found !== undefined) return found;
  const expected = names.length === 0 ? "a configured market (there is none)" : `one of ${names.join(", ")}`;
  throw new TonsorError("UNKNOWN_MARKET", "unknown market", { field: "market", given: text, expected });
}

function refuse(field: string, given: string, expected: string): never {
  throw new TonsorError("BAD_ARGUMENT", `${field} has the wrong form`, { field, given, expected });
}

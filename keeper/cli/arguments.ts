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

/** The transaction hash, lower case. */
export function transactionHash(text: string | undefined): string {
  if (text === undefined || !/^0x[0-9a-fA-F]{64}$/.test(text)) {
    return refuse("transaction", text ?? "", "0x and 64 hexadecimal digits");
  }
  return text.toLowerCase();
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

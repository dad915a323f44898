/** One thing compared: what the record says, what the chain says. */
export type Check = { readonly what: string; readonly file: string; readonly chain: string; readonly agrees: boolean };

/** Returns a check of two values that print the same exactly when they are the same. */
export function compare(what: string, file: unknown, chain: unknown): Check {
  const [a, b] = [String(file), String(chain)];
  return { what, file: a, chain: b, agrees: a === b };
}

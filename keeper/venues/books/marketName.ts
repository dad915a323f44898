import { TonsorError } from "../../domain/errors.ts";

/**
 * The market's name if it is one whose sizes the venue's adapter can read.
 * @throws TonsorError BAD_ARGUMENT with what is expected
 */
export function marketName(venue: string, market: string, pattern: RegExp, expected: string): string {
  if (pattern.test(market)) return market;
  throw new TonsorError("BAD_ARGUMENT", `no such market of ${venue}`, { field: "market", given: market, expected });
}

import { TonsorError } from "./errors.ts";

/**
 * An exposure limit as the contract writes it: 16 bits, six of exponent above ten of mantissa, in whole collateral tokens.
 * Codes are in order, so limits compare as they are; from 1024 tokens on, 1024 *notches* double one.
 */

/** Numbers below it are written as they are. */
const HIDDEN = 1_024;
/** The greatest limit that can be written, beyond any number of tokens: it limits nothing. */
export const NO_LIMIT = 0xffff;

/** Whole tokens of a limit as written. @example tokensOf(limitOf(1_000_000)) // 999_936n */
export function tokensOf(limit: number): bigint {
  if (limit < HIDDEN) return BigInt(limit);
  return BigInt(HIDDEN | (limit & 0x3ff)) << BigInt((limit >> 10) - 1);
}

/**
 * By how much two limits as written differ, percent of the second; infinite where only that is nothing. A notch would not do:
 * it is 0.05 % to 0.1 % from 1024 tokens on, and a whole token below.
 * @example percentApart(limitOf(190), limitOf(200)) // 5
 */
export function percentApart(limit: number, from: number): number {
  if (limit === from) return 0;
  const base = Number(tokensOf(from));
  return (100 * Math.abs(Number(tokensOf(limit)) - base)) / base;
}

/**
 * The greatest limit that can be written and is not above so many whole tokens: rounded down, by less than 0.1 %.
 * @throws TonsorError OUT_OF_RANGE for a negative or fractional number
 * @example limitOf(1_025) // 1_025
 */
export function limitOf(tokens: number | bigint): number {
  if (tokens < 0 || (typeof tokens === "number" && !Number.isSafeInteger(tokens))) {
    const facts = { field: "tokens", given: Number(tokens), expected: "a whole number, 0 or more" };
    throw new TonsorError("OUT_OF_RANGE", "not a number of whole tokens", facts);
  }
  const whole = BigInt(tokens);
  if (whole < HIDDEN) return Number(whole);
  const exponent = whole.toString(2).length - 11;
  if (exponent > 62) return NO_LIMIT;
  return ((exponent + 1) << 10) | (Number(whole >> BigInt(exponent)) & 0x3ff);
}

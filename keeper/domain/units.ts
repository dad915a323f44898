import { TonsorError } from "./errors.ts";

/*
 * Every number says its unit in its name (`initialBps`, `depthUsd`, `ageSeconds`). Without one: a fraction (0.05 = 5 %),
 * volatility as a fraction a year (0.6 = 60 %), `time` in whole Unix seconds.
 */

/** Basis points in one: 10000 = 100 %. */
const BPS_ONE = 10_000;

/** Returns `value` when it lies in [0, 1]. @throws OUT_OF_RANGE naming the field @example fraction(0.05) // 0.05 */
export function fraction(value: number, field = "fraction"): number {
  if (value >= 0 && value <= 1) return value;
  const facts = { field, given: value, expected: "a fraction in [0, 1]" };
  throw new TonsorError("OUT_OF_RANGE", `${field} is out of range`, facts);
}

/**
 * A haircut (a fraction in [0, 1]) in basis points, rounded *up*, against the borrower. Values within 1e-9 bp of a whole
 * number are taken as that number, so that 0.15 gives 1500 and not 1501.
 * @throws OUT_OF_RANGE naming the field
 * @example haircutToBpsUp(0.16601) // 1661
 */
export function haircutToBpsUp(haircut: number, field = "haircut"): number {
  // The maximum makes the negative zero of a haircut of nothing a plain one.
  return Math.max(0, Math.ceil(fraction(haircut, field) * BPS_ONE - 1e-9));
}

import { TonsorError } from "../../domain/errors.ts";

/** Which ends of the range are excluded. */
type Openness = { readonly openLow?: boolean; readonly openHigh?: boolean };

/**
 * Returns `value` when it lies in [low, high] (ends excluded as asked); throws OUT_OF_RANGE naming field, value and
 * range otherwise. NaN is always outside.
 * @example requireRange("tailLevel", 0.99, 0, 1, { openLow: true, openHigh: true }) // 0.99
 */
export function requireRange(field: string, value: number, low: number, high: number, open: Openness = {}): number {
  const aboveLow = open.openLow === true ? value > low : value >= low;
  const belowHigh = open.openHigh === true ? value < high : value <= high;
  if (aboveLow && belowHigh) return value;
  const range = `${open.openLow === true ? "(" : "["}${low}, ${high}${open.openHigh === true ? ")" : "]"}`;
  throw new TonsorError("OUT_OF_RANGE", `${field} is out of range`, { field, given: value, expected: `in ${range}` });
}

/** Returns `value` when it is finite and >= 0. @example requireAmount("depthUsd", 60e6) // 60000000 */
export function requireAmount(field: string, value: number): number {
  return requireRange(field, value, 0, Number.MAX_VALUE);
}

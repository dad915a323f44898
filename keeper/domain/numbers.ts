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

/** The median, the mean of the two middle values for an even count; NaN for none. @example median([3, 1, 2, 10]) // 2.5 */
export function median(values: readonly number[]): number {
  const sorted = ascending(values);
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? Number.NaN;
  // Halved before they are added: two of 1e308 have a middle too.
  return sorted.length % 2 === 1 ? upper : (sorted[half - 1] ?? upper) / 2 + upper / 2;
}

/**
 * The median of the values that are not null, the higher of the two middle values for an even count; null for none. For
 * numbers that tighten as they grow: of two that differ the tighter one counts, and one of three cannot move it beyond
 * the others.
 * @example upperMedian([0.5, null, 0.6]) // 0.6
 */
export function upperMedian(values: readonly (number | null)[]): number | null {
  const sorted = ascending(values);
  return sorted[sorted.length >> 1] ?? null;
}

/** The same with the lower of the two middle values, for numbers that loosen as they grow. @example lowerMedian([1, 2]) // 1 */
export function lowerMedian(values: readonly (number | null)[]): number | null {
  const sorted = ascending(values);
  return sorted[(sorted.length - 1) >> 1] ?? null;
}

function ascending(values: readonly (number | null)[]): Float64Array {
  return Float64Array.from(values.filter((value) => value !== null)).sort();
}

/**
 * How many items come before the first for which the test does not hold, by bisection; it must hold for a prefix of them.
 * @example countWhile([1, 3, 5, 7], (item) => item < 5) // 2
 */
export function countWhile<T>(items: readonly T[], holds: (item: T) => boolean): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(items[middle] as T)) low = middle + 1;
    else high = middle;
  }
  return low;
}

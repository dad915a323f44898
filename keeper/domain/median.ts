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

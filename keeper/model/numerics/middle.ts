/**
 * The median of what is there, the higher of the two middle values for an even count; null for none. For numbers that
 * tighten as they grow: of two that differ the tighter one counts, and one of three cannot move it beyond the others.
 * @example upperMedian([0.5, null, 0.6]) // 0.6
 */
export function upperMedian(values: readonly (number | null)[]): number | null {
  const sorted = rising(values);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
}

/** The same with the lower of the two middle values, for numbers that loosen as they grow. @example lowerMedian([1, 2]) // 1 */
export function lowerMedian(values: readonly (number | null)[]): number | null {
  const sorted = rising(values);
  return sorted[Math.ceil(sorted.length / 2) - 1] ?? null;
}

function rising(values: readonly (number | null)[]): number[] {
  return values.filter((value) => value !== null).sort((a, b) => a - b);
}

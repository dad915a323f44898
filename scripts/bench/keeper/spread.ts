/** What a handful of measurements come to, in their own unit. */
export type Spread = {
  readonly count: number;
  readonly median: number;
  readonly p99: number;
  readonly worst: number;
};

/**
 * Median (the upper of two), 99th percentile (nearest rank) and largest of some measurements; NaN without any.
 * @example spreadOf([3, 1, 2]) // { count: 3, median: 2, p99: 3, worst: 3 }
 */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (index: number) => sorted[index] ?? Number.NaN;
  const { length: count } = sorted;
  return { count, median: at(count >> 1), p99: at(Math.ceil(count * 0.99) - 1), worst: at(count - 1) };
}

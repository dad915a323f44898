/** The value below which `share` of the sample lies (nearest rank, no interpolation), or null for an empty one. */
export function quantile(values: readonly number[], share: number): number | null {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? null;
}

/** Arithmetic mean, or null for an empty sample. @example mean([1, 2, 6]) // 3 */
export function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Root of the mean square, or null for an empty sample. @example rootMeanSquare([3, 4]) // 3.5355339 */
export function rootMeanSquare(values: readonly number[]): number | null {
  const square = mean(values.map((value) => value * value));
  return square === null ? null : Math.sqrt(square);
}

/**
 * Pearson's correlation of pairs, in [-1, 1]; null with fewer than three pairs or where one side does not move.
 * @example correlation([[1, 2], [2, 4], [3, 7]]) // 0.9933993
 */
export function correlation(pairs: readonly (readonly [number, number])[]): number | null {
  if (pairs.length < 3) return null;
  const [x, y] = [mean(pairs.map(([left]) => left)) ?? 0, mean(pairs.map(([, right]) => right)) ?? 0];
  let [xx, xy, yy] = [0, 0, 0];
  for (const [left, right] of pairs) {
    xx += (left - x) ** 2;
    xy += (left - x) * (right - y);
    yy += (right - y) ** 2;
  }
  return xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : null;
}

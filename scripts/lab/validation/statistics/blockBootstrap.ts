import { uniforms } from "./random.ts";

/** A 95 % interval of a mean. */
export type Interval = { readonly low: number; readonly high: number };

/**
 * Interval of the mean of a series from blocks of `blockLength` neighbours drawn with replacement around the circle, so
 * that overlapping outcomes and clusters stay together. Source: Politis & Romano (1992), circular block bootstrap.
 * Block sums come from running totals: the cost of a draw grows with the number of blocks, not with the series.
 */
export function blockBootstrap(values: ArrayLike<number>, blockLength: number, seed: number, draws = 1000): Interval {
  const n = values.length;
  if (n === 0) return { low: Number.NaN, high: Number.NaN };
  const length = Math.max(1, Math.min(blockLength, n));
  const totals = new Float64Array(2 * n + 1);
  for (let i = 0; i < 2 * n; i++) totals[i + 1] = (totals[i] ?? 0) + (values[i % n] ?? 0);
  const random = uniforms(seed);
  const blocks = Math.ceil(n / length);
  const means = new Float64Array(draws);
  for (let draw = 0; draw < draws; draw++) {
    let sum = 0;
    for (let block = 0; block < blocks; block++) {
      const start = Math.floor(random() * n);
      const size = Math.min(length, n - block * length);
      sum += (totals[start + size] ?? 0) - (totals[start] ?? 0);
    }
    means[draw] = sum / n;
  }
  means.sort();
  return { low: means[Math.floor(0.025 * draws)] ?? 0, high: means[Math.ceil(0.975 * draws) - 1] ?? 0 };
}

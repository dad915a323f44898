import type { Interval } from "./blockBootstrap.ts";
import { uniforms } from "./random.ts";

/** 95 % interval of any statistic of a series, from blocks of neighbours drawn with replacement around the circle. */
export function blockBootstrapOf(
  values: Float64Array,
  blockLength: number,
  seed: number,
  draws: number,
  statistic: (sample: Float64Array) => number,
): Interval {
  const n = values.length;
  if (n === 0) return { low: Number.NaN, high: Number.NaN };
  const random = uniforms(seed);
  const sample = new Float64Array(n);
  const found = new Float64Array(draws);
  for (let draw = 0; draw < draws; draw++) {
    for (let at = 0; at < n; ) {
      const start = Math.floor(random() * n);
      for (let k = 0; k < blockLength && at < n; k++) sample[at++] = values[(start + k) % n] ?? 0;
    }
    found[draw] = statistic(sample);
  }
  found.sort();
  return { low: found[Math.floor(0.025 * draws)] ?? 0, high: found[Math.ceil(0.975 * draws) - 1] ?? 0 };
}

/** A value over past time, held at the lower of its two ends between samples. Ages are seconds before now. */
export type Timeline = {
  /** Age of the oldest sample, seconds; 0 without samples. */
  readonly span: number;
  /** Mean over the last `window` seconds; null when nothing lies in it. */
  mean(window: number, weightUpTo: (age: number, span: number) => number): number | null;
  /** Least value that holds, or is undercut, for the share `q` of the last `window` seconds; null when none. */
  quantile(window: number, q: number): number | null;
};

/** A stretch of constant value between two ages, youngest end first. */
type Stretch = { readonly from: number; readonly to: number; readonly value: number };

/**
 * Timeline of samples up to now.
 * @param samples [Unix seconds at or before now, value], any order
 */
export function timeline(
  samples: readonly (readonly [time: number, value: number])[],
  now: number,
  valueNow: number,
): Timeline {
  const stretches: Stretch[] = [];
  let younger: readonly [time: number, value: number] = [now, valueNow];
  for (const sample of samples.toSorted((a, b) => b[0] - a[0])) {
    const value = Math.min(sample[1], younger[1]);
    stretches.push({ from: now - younger[0], to: now - sample[0], value });
    younger = sample;
  }
  const span = now - younger[0];
  const within = (window: number): Stretch[] =>
    stretches.map((s) => ({ ...s, to: Math.min(s.to, window) })).filter((s) => s.to > s.from);

  return {
    span,
    mean(window, weightUpTo) {
      const covered = Math.min(window, span);
      const stretchesIn = within(window);
      // Measured from the least value, so that a constant comes out as itself, to the bit.
      const least = stretchesIn.reduce((low, s) => Math.min(low, s.value), Number.POSITIVE_INFINITY);
      let weight = 0;
      let excess = 0;
      for (const { from, to, value } of stretchesIn) {
        const share = weightUpTo(to, covered) - weightUpTo(from, covered);
        weight += share;
        excess += share * (value - least);
      }
      return weight > 0 ? least + excess / weight : null;
    },
    quantile(window, q) {
      const rising = within(window).toSorted((a, b) => a.value - b.value);
      let left = q * rising.reduce((time, { from, to }) => time + to - from, 0);
      for (const { from, to, value } of rising) {
        left -= to - from;
        if (left <= 0) return value;
      }
      return null;
    },
  };
}

/** A value over past time, held at the lower of its two ends between samples. Ages are seconds before now. */
export type Timeline = {
  /** Age of the oldest sample, seconds; 0 without samples. */
  readonly span: number;
  /** Mean over the last `window` seconds; null when nothing lies in it. */
  mean(window: number, weightUpTo: (age: number, span: number) => number): number | null;
  /** Least value that holds, or is undercut, for the share `q` of the last `window` seconds; null when none. */
  quantile(window: number, q: number): number | null;
};

/**
 * Timeline of samples up to now.
 * @param samples [Unix seconds at or before now, value], any order
 */
export function timeline(
  samples: readonly (readonly [time: number, value: number])[],
  now: number,
  valueNow: number,
): Timeline {
  // Stretches of constant value, youngest first: number i ends at the age ends[i] and begins where the one before ends.
  const ends = new Float64Array(samples.length);
  const values = new Float64Array(samples.length);
  let younger = valueNow;
  const youngestFirst = samples.toSorted((a, b) => b[0] - a[0]);
  for (let i = 0; i < youngestFirst.length; i++) {
    const sample = youngestFirst[i] as readonly [number, number];
    ends[i] = now - sample[0];
    values[i] = Math.min(sample[1], younger);
    younger = sample[1];
  }
  const span = ends.at(-1) ?? 0;
  const begin = (i: number): number => (i === 0 ? 0 : (ends[i - 1] as number));
  const length = (i: number, window: number): number => Math.min(ends[i] as number, window) - begin(i);
  /** How many stretches begin within the last `window` seconds. */
  const count = (window: number): number => {
    const beyond = ends.findIndex((end) => end >= window);
    return beyond < 0 ? ends.length : beyond + 1;
  };

  return {
    span,
    mean(window, weightUpTo) {
      const within = window > 0 ? count(window) : 0;
      // Measured from the least value, so that a constant comes out as itself, to the bit.
      let least = Number.POSITIVE_INFINITY;
      for (let i = 0; i < within; i++) if (length(i, window) > 0) least = Math.min(least, values[i] as number);
      const covered = Math.min(window, span);
      let [weight, excess, before] = [0, 0, weightUpTo(0, covered)];
      for (let i = 0; i < within; i++) {
        if (!(length(i, window) > 0)) continue;
        const after = weightUpTo(Math.min(ends[i] as number, window), covered);
        weight += after - before;
        excess += (after - before) * ((values[i] as number) - least);
        before = after;
      }
      return weight > 0 ? least + excess / weight : null;
    },
    quantile(window, q) {
      const within = window > 0 ? count(window) : 0;
      const rising = new Float64Array(within);
      let [known, seconds] = [0, 0];
      for (let i = 0; i < within; i++) {
        if (!(length(i, window) > 0)) continue;
        rising[known++] = values[i] as number;
        seconds += length(i, window);
      }
      if (known === 0) return null;
      rising.subarray(0, known).sort();
      /** Seconds for which a value held or was undercut. */
      const upTo = (value: number): number => {
        let sum = 0;
        for (let i = 0; i < within; i++) if ((values[i] as number) <= value) sum += length(i, window);
        return sum;
      };
      // Halved instead of added up in order, which would want the stretches sorted by a comparison.
      let [low, high] = [0, known - 1];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (upTo(rising[middle] as number) >= q * seconds) high = middle;
        else low = middle + 1;
      }
      return rising[low] as number;
    },
  };
}

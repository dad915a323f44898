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
  // Stretches of constant value, youngest first, each longer than nothing: number i ends at the age ends[i], where the next
  // begins.
  const ends = new Float64Array(samples.length);
  const values = new Float64Array(samples.length);
  let size = 0;
  let span = 0;
  let younger = valueNow;
  for (const sample of samples.toSorted((a, b) => b[0] - a[0])) {
    const end = now - sample[0];
    if (end > span) {
      ends[size] = end;
      values[size++] = Math.min(sample[1], younger);
      span = end;
    }
    younger = sample[1];
  }
  /** How many stretches begin within the last `window` seconds. */
  const count = (window: number): number => {
    let within = 0;
    for (let begin = 0; within < size && begin < window; within++) begin = ends[within] as number;
    return within;
  };

  return {
    span,
    mean(window, weightUpTo) {
      const within = count(window);
      // Measured from the least value, so that a constant comes out as itself, to the bit.
      let least = Number.POSITIVE_INFINITY;
      for (let i = 0; i < within; i++) least = Math.min(least, values[i] as number);
      const covered = Math.min(window, span);
      let [weight, excess, before] = [0, 0, weightUpTo(0, covered)];
      for (let i = 0; i < within; i++) {
        const after = weightUpTo(Math.min(ends[i] as number, window), covered);
        weight += after - before;
        excess += (after - before) * ((values[i] as number) - least);
        before = after;
      }
      return weight > 0 ? least + excess / weight : null;
    },
    quantile(window, q) {
      const within = count(window);
      if (within === 0) return null;
      /** Seconds of the window for which a value held or was undercut. */
      const upTo = (value: number): number => {
        let [sum, begin] = [0, 0];
        for (let i = 0; i < within; i++) {
          const end = Math.min(ends[i] as number, window);
          if ((values[i] as number) <= value) sum += end - begin;
          begin = end;
        }
        return sum;
      };
      const wanted = q * upTo(Number.POSITIVE_INFINITY);
      const rising = values.slice(0, within).sort();
      // Halved instead of added up in order, which would want the stretches sorted by a comparison.
      let [low, high] = [0, within - 1];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (upTo(rising[middle] as number) >= wanted) high = middle;
        else low = middle + 1;
      }
      return rising[low] as number;
    },
  };
}

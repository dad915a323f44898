import { DAY_SECONDS } from "../../../../keeper/domain/calendar.ts";

/** How much a haircut moves, in points of value (0.05 = 5 points). Murphy, Vasios & Vause (Bank of England FSP 29, 2014). */
export type Procyclicality = {
  readonly peak: number;
  readonly trough: number;
  /** Largest rise within 1, 5 and 30 days. */
  readonly rise1d: number;
  readonly rise5d: number;
  readonly rise30d: number;
};

/** Measures of one path; times ascend, NaN values are passed over. */
export function procyclicality(time: Float64Array, values: Float64Array): Procyclicality {
  let [peak, trough] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (const value of values)
    if (!Number.isNaN(value)) [peak, trough] = [Math.max(peak, value), Math.min(trough, value)];
  return {
    peak,
    trough,
    rise1d: largestRise(time, values, DAY_SECONDS),
    rise5d: largestRise(time, values, 5 * DAY_SECONDS),
    rise30d: largestRise(time, values, 30 * DAY_SECONDS),
  };
}

/**
 * Largest rise of a path within `seconds`: value now less the least value of the window before it, at least 0. One pass
 * with a queue of rising minima. @example largestRise(days(0, 1, 2), [0.2, 0.3, 0.25], DAY_SECONDS) // 0.1
 */
export function largestRise(time: Float64Array, values: Float64Array, seconds: number): number {
  const queue: number[] = [];
  let [head, most] = [0, 0];
  for (let n = 0; n < values.length; n++) {
    const value = values[n] ?? Number.NaN;
    if (Number.isNaN(value)) continue;
    while (head < queue.length && (time[queue[head] ?? 0] ?? 0) < (time[n] ?? 0) - seconds) head++;
    while (queue.length > head && (values[queue.at(-1) ?? 0] ?? 0) >= value) queue.pop();
    queue.push(n);
    most = Math.max(most, value - (values[queue[head] ?? n] ?? value));
  }
  return most;
}

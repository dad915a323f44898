/**
 * Remembered points of one series, ascending by time, each time once. Closed bars do not change, so a point that was
 * read stays; only what is missing is asked for again.
 */
export type Series<Point extends readonly [time: number, ...rest: number[]]> = {
  /** The same array until something is added or forgotten, and then a new one: what was handed out never changes. */
  readonly points: () => readonly Point[];
  /** Adds points; returns how many times a time known before came back with other numbers (the known one is kept). */
  add(points: readonly Point[]): number;
  /** Forgets points before `time`. */
  trim(time: number): void;
};

/** @example const s = series<readonly [number, number]>(); s.add([[0, 1]]); s.points() // [[0, 1]] */
export function series<Point extends readonly [time: number, ...rest: number[]]>(): Series<Point> {
  let kept: Point[] = [];
  return {
    points: () => kept,
    add(points) {
      const byTime = new Map(kept.map((point) => [point[0], point]));
      let changed = 0;
      for (const point of points) {
        const known = byTime.get(point[0]);
        if (known === undefined) byTime.set(point[0], point);
        else if (known.some((value, index) => value !== point[index])) changed += 1;
      }
      if (byTime.size !== kept.length) kept = [...byTime.values()].sort((a, b) => a[0] - b[0]);
      return changed;
    },
    trim(time) {
      if ((kept[0]?.[0] ?? time) < time) kept = kept.filter((point) => point[0] >= time);
    },
  };
}

/** How far back a missing bar is asked for again, in bars. A bar that came damaged may come whole the next time. */
const RETRY_BARS = 48;

/**
 * Start time of the first bar to ask for: the oldest bar missing among the last 48 before `end`, or `from` when nothing
 * is remembered. A hole further back is left as it is: the venue has been asked for it before.
 * @param times start times remembered, ascending, on the grid of `interval`
 */
export function firstMissing(times: readonly number[], from: number, end: number, interval: number): number {
  const last = times.at(-1);
  if (last === undefined || last < from) return from;
  const known = new Set(times.slice(-RETRY_BARS - 1));
  const earliest = Math.max(from, times[0] ?? from, Math.min(last, end - RETRY_BARS * interval));
  for (let time = Math.ceil(earliest / interval) * interval; time <= end; time += interval) {
    if (!known.has(time)) return time;
  }
  return end + interval;
}

/** Bars missing between the first and the last time, and where the first hole starts (0 without one). */
export function holes(
  times: readonly number[],
  interval: number,
): { readonly missing: number; readonly first: number } {
  let missing = 0;
  let first = 0;
  for (let at = 1; at < times.length; at += 1) {
    const gap = Math.round(((times[at] ?? 0) - (times[at - 1] ?? 0)) / interval) - 1;
    if (gap > 0 && missing === 0) first = (times[at - 1] ?? 0) + interval;
    missing += gap;
  }
  return { missing, first };
}

import { z } from "zod";
import type { FaultCode, FaultLog } from "../domain/fault.ts";
import type { SeriesMemory } from "./venue.ts";

/** One bar: its start in Unix seconds and its numbers, whatever they mean. */
export type Row = { readonly time: number; readonly values: readonly number[] };

/** A point of a series: Unix seconds and its numbers. */
export type Point = readonly [time: number, ...rest: number[]];

/**
 * Remembered points of one series, ascending by time, each time once. Closed bars do not change, so a point that was
 * read stays; only what is missing is asked for again.
 */
export type Series<P extends Point> = {
  /** The same array until something is added or forgotten, and then a new one: what was handed out never changes. */
  points(): readonly P[];
  /** Adds points; returns how many times a time known before came back with other numbers (the known one is kept). */
  add(points: readonly P[]): number;
  /** Forgets points before `time`. */
  trim(time: number): void;
  /** Notes that the venue has answered in full, and hands the points to the memory when they reach further than last time. */
  keep(): Promise<void>;
  /**
   * The points; until the venue has once answered in full, filled up with what was kept before this process, from `from`
   * to `upTo`. That is never added to the points, so a venue that answers again is asked for all of it.
   */
  filledUp(from: number, upTo: number): Promise<readonly P[]>;
};

/** The form of the points of a series: numbers in each, seconds between two, and whether one makes sense. */
export type PointShape = {
  readonly width: number;
  readonly interval: number;
  readonly isSound: (values: readonly number[]) => boolean;
};

/** How far back a missing bar is asked for again, in bars. A bar that came damaged may come in order the next time. */
const RETRY_BARS = 48;

/**
 * A series that the next process can fall back on. One kept point that is not `width` finite numbers, off the grid of
 * `interval` seconds or not sound makes all of them count as nothing kept.
 * @example openSeries<readonly [number, number]>(memory, "ETH index", { width: 2, interval: 3600, isSound: () => true })
 */
export function openSeries<P extends Point>(
  memory: SeriesMemory | undefined,
  name: string,
  { width, interval, isSound }: PointShape,
): Series<P> {
  const known = pointsByTime<P>();
  const point = z.array(z.number()).length(width);
  const shape = z.array(point.refine(([time = Number.NaN, ...values]) => time % interval === 0 && isSound(values)));
  let answered = memory === undefined;
  let keptUpTo = Number.NEGATIVE_INFINITY;
  let recalled: readonly P[] | null = null;
  let filled: { readonly own: readonly P[]; readonly upTo: number; readonly all: Points<P> } | null = null;
  const recallPoints = async () => {
    const kept = recalled === null ? shape.safeParse(await memory?.recall(name)) : null;
    if (kept !== null) recalled = kept.success ? (kept.data as unknown as P[]) : [];
    return recalled ?? [];
  };
  return {
    ...known,
    async keep() {
      // Closed bars do not change: what an answer leaves out that was read before is not gone.
      const newest = known.points().at(-1)?.[0] ?? Number.NEGATIVE_INFINITY;
      if (!answered) known.add((await recallPoints()).filter(([time]) => time <= newest));
      answered = true;
      [recalled, filled] = [null, null];
      const last = known.points().at(-1)?.[0];
      if (last === undefined || !(last > keptUpTo)) return;
      keptUpTo = last;
      await memory?.keep(name, known.points());
    },
    async filledUp(from, upTo) {
      const own = known.points();
      if (answered) return own;
      const kept = await recallPoints();
      if (filled?.own !== own || filled.upTo !== upTo) {
        filled = { own, upTo, all: pointsByTime<P>() };
        filled.all.add(own);
        filled.all.add(kept.filter(([time]) => time <= upTo));
      }
      filled.all.trim(from);
      return filled.all.points();
    },
  };
}

type Points<P extends Point> = Pick<Series<P>, "points" | "add" | "trim">;

function pointsByTime<P extends Point>(): Points<P> {
  let kept: P[] = [];
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
export function holes(times: readonly number[], interval: number) {
  let missing = 0;
  let first = 0;
  for (let at = 1; at < times.length; at += 1) {
    const gap = Math.round(((times[at] ?? 0) - (times[at - 1] ?? 0)) / interval) - 1;
    if (gap > 0 && missing === 0) first = (times[at - 1] ?? 0) + interval;
    missing += gap;
  }
  return { missing, first };
}

/**
 * The closed bars of an answer, oldest first, each start once.
 * A bar off the grid of its interval is INCONSISTENT, one that starts after `now` is FUTURE, a bar not later than the
 * one before it is OUT_OF_ORDER (and sorted in), equal copies are DUPLICATE and leave one, copies that differ leave
 * none. The bar still open at `now` is left out without a fault: its close is not known yet.
 */
export function closedRows(rows: readonly Row[], interval: number, now: number, log: FaultLog): readonly Row[] {
  const byTime = new Map<number, { row: Row; differs: boolean }>();
  let last = Number.NEGATIVE_INFINITY;
  for (const row of rows) {
    const at = `bar ${row.time}`;
    if (!(row.time >= 0) || row.time % interval !== 0) {
      log.add("INCONSISTENT", `time not on the grid of ${interval} s`, at);
      continue;
    }
    if (row.time > now) {
      log.add("FUTURE", "a bar that starts after now", at);
      continue;
    }
    if (row.time + interval > now) continue;
    const known = byTime.get(row.time);
    if (known === undefined) {
      if (row.time < last) log.add("OUT_OF_ORDER", "times not increasing", at);
      byTime.set(row.time, { row, differs: false });
    } else {
      known.differs ||= known.row.values.some((value, index) => value !== row.values[index]);
      log.add("DUPLICATE", known.differs ? "the same bar twice, unequal" : "the same bar twice", at);
    }
    last = Math.max(last, row.time);
  }
  return [...byTime.values()]
    .filter((entry) => !entry.differs)
    .map((entry) => entry.row)
    .sort((a, b) => a.time - b.time);
}

/**
 * Why open, high, low, close and (of candles) volume are no bar, or null: NOT_POSITIVE, UNIT_SUSPECT, INCONSISTENT.
 * @param what the numbers are, for the detail
 * @param most largest number that can be in the right unit, with the words for it
 * @example barProblem([1, 2, 1.5, 2, 0], "a price")?.[1] // "open or close outside low to high"
 */
export function barProblem(
  [open = 0, high = 0, low = 0, close = 0, volume = 0]: readonly number[],
  what: string,
  most?: { readonly value: number; readonly words: string },
): readonly [code: FaultCode, what: string] | null {
  if (!(Math.min(open, high, low, close) > 0)) return ["NOT_POSITIVE", `${what} zero or less`];
  if (volume < 0) return ["NOT_POSITIVE", "volume below zero"];
  if (most !== undefined && Math.max(open, high, low, close) > most.value) {
    return ["UNIT_SUSPECT", `${what} above ${most.words}`];
  }
  const isOutside = low > Math.min(open, close) || high < Math.max(open, close);
  return isOutside ? ["INCONSISTENT", "open or close outside low to high"] : null;
}

/** The rows that are bars (`barProblem`); the others are counted. */
export function soundRows(
  rows: readonly Row[],
  log: FaultLog,
  what: string,
  most?: Parameters<typeof barProblem>[2],
): readonly Row[] {
  return rows.filter(({ time, values }) => {
    const problem = barProblem(values, what, most);
    if (problem !== null) log.add(...problem, `bar ${time}`);
    return problem === null;
  });
}

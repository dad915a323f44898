import { z } from "zod";
import type { SeriesMemory } from "../seriesMemory.ts";
import { type Series, series } from "./series.ts";

/** A series that the next process can fall back on. */
export type LastingSeries<Point extends readonly [time: number, ...rest: number[]]> = Series<Point> & {
  /** Notes that the venue has answered whole, and hands on what is known when it reaches further than what was handed on last. */
  keep(): Promise<void>;
  /**
   * What is known; until the venue has once answered whole, filled up with what was kept before this process, from `from` to
   * `upTo`. It is never taken for known, so a venue that answers again is asked for all of it.
   */
  standing(from: number, upTo: number): Promise<readonly Point[]>;
};

/** How the points of a series look: numbers in each, seconds between two, and whether one makes sense. */
export type PointShape = {
  readonly width: number;
  readonly interval: number;
  readonly isSound: (values: readonly number[]) => boolean;
};

/**
 * A series with a memory. One point in it that is not `width` finite numbers, off the grid of `interval` seconds or not
 * sound makes all of it count as nothing kept.
 * @example lastingSeries<readonly [number, number]>(memory, "ETH index", { width: 2, interval: 3600, isSound: () => true })
 */
export function lastingSeries<Point extends readonly [time: number, ...rest: number[]]>(
  memory: SeriesMemory | undefined,
  name: string,
  { width, interval, isSound }: PointShape,
): LastingSeries<Point> {
  const known = series<Point>();
  const shape = z.array(
    z
      .array(z.number())
      .length(width)
      .refine(([time = Number.NaN, ...values]) => time % interval === 0 && isSound(values)),
  );
  let answered = memory === undefined;
  let handedOn = Number.NEGATIVE_INFINITY;
  let recalled: readonly Point[] | null = null;
  let filled: { readonly own: readonly Point[]; readonly upTo: number; readonly points: Series<Point> } | null = null;
  return {
    ...known,
    async keep() {
      answered = true;
      [recalled, filled] = [null, null];
      const last = known.points().at(-1)?.[0];
      if (last === undefined || !(last > handedOn)) return;
      handedOn = last;
      await memory?.keep(name, known.points());
    },
    async standing(from, upTo) {
      const own = known.points();
      if (answered) return own;
      if (recalled === null) {
        const kept = shape.safeParse(await memory?.recall(name));
        recalled = kept.success ? (kept.data as unknown as Point[]) : [];
      }
      if (filled?.own !== own || filled.upTo !== upTo) {
        filled = { own, upTo, points: series<Point>() };
        filled.points.add(own);
        filled.points.add(recalled.filter(([time]) => time <= upTo));
      }
      filled.points.trim(from);
      return filled.points.points();
    },
  };
}

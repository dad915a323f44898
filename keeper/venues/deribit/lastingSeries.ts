import { z } from "zod";
import type { SeriesMemory } from "../seriesMemory.ts";
import { type Series, series } from "./series.ts";

/** A series that the next process can take over. */
export type LastingSeries<Point extends readonly [time: number, ...rest: number[]]> = Series<Point> & {
  /** Adds what was kept before this process, up to a time; once. For a venue that does not answer, and never before it was asked. */
  recall(upTo: number): Promise<void>;
  /** Hands on what is known, when it reaches further than what was handed on last. */
  keep(): Promise<void>;
};

/**
 * A series with a memory. What is recalled must be `width` finite numbers a point, its times on the grid of `interval`
 * seconds; anything else in it counts as nothing kept.
 * @example lastingSeries<readonly [number, number]>(memory, "ETH index", 2, 3600)
 */
export function lastingSeries<Point extends readonly [time: number, ...rest: number[]]>(
  memory: SeriesMemory | undefined,
  name: string,
  width: number,
  interval: number,
): LastingSeries<Point> {
  const known = series<Point>();
  const shape = z.array(
    z
      .array(z.number())
      .length(width)
      .refine(([time = Number.NaN]) => time % interval === 0),
  );
  let recalled = false;
  let handedOn = Number.NEGATIVE_INFINITY;
  return {
    ...known,
    async recall(upTo) {
      if (recalled || memory === undefined) return;
      recalled = true;
      const kept = shape.safeParse(await memory.recall(name));
      if (kept.success) known.add((kept.data as unknown as Point[]).filter(([time]) => time <= upTo));
    },
    async keep() {
      const last = known.points().at(-1)?.[0];
      if (last === undefined || !(last > handedOn)) return;
      handedOn = last;
      await memory?.keep(name, known.points());
    },
  };
}

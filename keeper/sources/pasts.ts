import { z } from "zod";
import { DAY_SECONDS } from "../domain/calendar.ts";
import { type Fault, fault } from "../domain/fault.ts";
import type { Observed, PriceHistory, PricePast } from "../domain/observation.ts";
import type { MarketParameters } from "../domain/parameters.ts";
import {
  EMPTY_PAST,
  HINDSIGHT_SECONDS,
  isSoundPast,
  PAST_OVERLAP_SECONDS,
  pastUntil,
} from "../model/history/pricePast.ts";
import { pastOfVenues } from "../quality/histories.ts";
import type { SeriesMemory } from "../venues/venue.ts";

/** Before it no venue here has hourly candles: 2017-01-01T00:00:00Z. */
const FIRST = 1_483_228_800;
/** Days that are read at once; a past that is behind by no more counts already. */
const STEP_DAYS = 60;
/** Days of candles that a step wants, those to go on from and to look back from included. */
const READ_DAYS = STEP_DAYS + (PAST_OVERLAP_SECONDS + HINDSIGHT_SECONDS) / DAY_SECONDS;
/** A cycle waits for the past no longer, ms: there is time for the rest of it tomorrow. */
const STEP_MS = 3_000;

/** A history whose past is kept, by source names: what is read beside it at other venues, and how they are held against each other. */
export type Remembered = {
  readonly source: string;
  readonly others: readonly string[];
  readonly quality: MarketParameters["quality"];
};

/** Reads the hourly candles of a source up to a time, Unix seconds, and so many days back. */
export type ReadCandles = (
  source: string,
  end: number,
  days: number,
  signal?: AbortSignal,
) => Promise<Observed<PriceHistory>>;

/**
 * The pasts of histories that keep so many days of candles: read in steps of sixty days from 2017 on, one step of each in a cycle, kept
 * after every step, and from then on led on once a day. A step for which one of the venues did not answer is tried again; until all are
 * done nothing is said, and a history counts as it always did.
 */
export function openPasts(read: ReadCandles, memory: SeriesMemory, historyDays: number) {
  const known = new Map<string, PricePast>();
  const recalled = async (source: string): Promise<PricePast> => {
    const past = known.get(source) ?? decoded(await memory.recall(nameOf(source))) ?? { ...EMPTY_PAST, until: FIRST };
    known.set(source, past);
    return past;
  };
  const advance = async (one: Remembered, goal: number, signal: AbortSignal): Promise<readonly Fault[]> => {
    const before = await recalled(one.source);
    if (before.until >= goal) return [];
    const until = Math.min(goal, before.until + STEP_DAYS * DAY_SECONDS);
    const asked = [one.source, ...one.others];
    const reads = asked.map((name) => read(name, until + HINDSIGHT_SECONDS, READ_DAYS, signal));
    const answers = await unlessAborted(Promise.all(reads), signal);
    const missing = answers?.filter(({ faults }) => faults.some(isUnanswered)).map(({ source }) => source) ?? asked;
    if (answers === null || missing.length > 0) return missing.map(notRead);
    const histories = answers.flatMap(({ observation }) => observation ?? []);
    const { past, faults } = pastOfVenues(before, histories, until, one.quality);
    known.set(one.source, past);
    await memory.keep(nameOf(one.source), encoded(past));
    return faults;
  };
  return {
    /** One step for each, as many as there is time for, and what was wrong with them. */
    async step(all: readonly Remembered[], now: number, signal: AbortSignal): Promise<readonly Fault[]> {
      const within = AbortSignal.any([signal, AbortSignal.timeout(STEP_MS)]);
      const goal = pastUntil(now, historyDays);
      const faults: Fault[] = [];
      for (const one of all) if (!within.aborted) faults.push(...(await advance(one, goal, within)));
      return faults;
    },
    /** The past of a source, or undefined while it is not known. */
    of(source: string, now: number): PricePast | undefined {
      const past = known.get(source);
      return past !== undefined && past.until + STEP_DAYS * DAY_SECONDS > pastUntil(now, historyDays)
        ? past
        : undefined;
    },
  };
}

/** Null when the reads break on what they were answered, or go on though nobody waits any more: no venue may hold a cycle. */
async function unlessAborted<T>(reads: Promise<T>, signal: AbortSignal): Promise<T | null> {
  const aborted = new Promise<null>((resolve) => {
    if (signal.aborted) resolve(null);
    signal.addEventListener("abort", () => resolve(null), { once: true });
  });
  return await Promise.race([reads.catch(() => null), aborted]);
}

function notRead(source: string): Fault {
  return fault("GAP", source, "the years before its candles could not be read on", 1);
}

/** A venue that has nothing of a time says EMPTY and nothing worse. */
function isUnanswered({ code, count }: Fault): boolean {
  return count === undefined && code !== "EMPTY";
}

const nameOf = (source: string) => `${source} before`;

function encoded({ until, days, shocks, worst }: PricePast): readonly (readonly number[])[] {
  return [[until, shocks], ...days, worst];
}

const Rows = z.tuple([z.tuple([z.number(), z.number()])]).rest(z.array(z.number()));

/** What was kept, or null where that cannot be a past. */
function decoded(kept: unknown): PricePast | null {
  const rows = Rows.safeParse(kept);
  if (!rows.success) return null;
  const [[until, shocks], ...rest] = rows.data;
  const past = { until, shocks, days: rest.slice(0, 24) as unknown as PricePast["days"], worst: rest[24] ?? [] };
  return rest.length === 25 && until >= FIRST && isSoundPast(past) ? past : null;
}

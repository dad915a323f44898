import { z } from "zod";
import { DAY_SECONDS, HOUR_SECONDS } from "../domain/calendar.ts";
import { type Fault, type FaultLog, fault, faultLog } from "../domain/fault.ts";
import type { Candle, Observed, PriceHistory } from "../domain/observation.ts";
import { sourceName } from "../domain/sourceNames.ts";
import { decimal, readRows } from "./parse.ts";
import {
  barProblem,
  closedRows,
  firstMissing,
  holes,
  openSeries,
  type Point,
  type PointShape,
  type Row,
  type Series,
  soundRows,
} from "./series.ts";
import type { Ask, History, SeriesMemory } from "./venue.ts";

/** One page of a series: closed bars only, oldest first. */
export type Page<P extends Point> = {
  readonly points: readonly P[];
  readonly faults: readonly Fault[];
  /** True when the answer as a whole was refused: `points` is then empty, and `faults` starts with the reason. */
  readonly failed: boolean;
};

/** How one venue is asked for the hourly candles of an instrument. */
export type CandleVenue = {
  readonly id: string;
  /** The most bars that one answer holds. */
  readonly barsAPage: number;
  /**
   * Path and parameters for the bars that open from `from` to `to`, Unix seconds.
   * @throws TonsorError BAD_ARGUMENT where the name is not one of an instrument that can be read
   */
  readonly request: (
    instrument: string,
    from: number,
    to: number,
  ) => readonly [path: string, parameters: Readonly<Record<string, string | number>>];
  /** Parses one answer. */
  readonly parse: (body: string, source: string, interval: number, now: number) => Page<Candle>;
};

/** Pages of one read: far above what 550 days need, so that a venue paging in circles cannot hold the keeper. */
const MAX_PAGES = 60;

const CANDLES: PointShape = {
  width: 6,
  interval: HOUR_SECONDS,
  isSound: (values) => barProblem(values, "a price") === null,
};

/** Hourly candles of a venue's instruments, of which each read asks only for what is new. */
export function hourlyCandles(
  ask: Ask,
  memory: SeriesMemory | undefined,
  venue: CandleVenue,
): Required<History>["candles"] {
  const seriesOf = seriesByName(memory);
  return (instrument, now, days = 400, signal) => {
    const source = sourceName.history(`${venue.id}:${instrument}`);
    const known = seriesOf<Candle>(`${source} ${days}`, CANDLES);
    return readCandles({ ask, source, now, days, known, signal }, instrument, venue);
  };
}

/** Series by name, each opened when it is first asked for. */
export function seriesByName(memory: SeriesMemory | undefined) {
  const opened = new Map<string, Series<never>>();
  return <P extends Point>(name: string, shape: PointShape): Series<P> => {
    const known = (opened.get(name) as Series<P> | undefined) ?? openSeries<P>(memory, name, shape);
    opened.set(name, known as unknown as Series<never>);
    return known;
  };
}

/** A read of one series: what to ask for, where from and what is remembered. Times are Unix seconds. */
export type SeriesRead<P extends Point> = {
  readonly ask: Ask;
  readonly source: string;
  readonly now: number;
  readonly days: number;
  readonly known: Series<P>;
  readonly signal: AbortSignal | undefined;
};

/** A page that was read, and where the next one is: null after the last one. `stop`: do not ask for it. */
type Step<P extends Point> = Omit<Page<P>, "failed"> & { readonly next: number | null; readonly stop: boolean };

/**
 * Hourly candles up to `now` as one history, with the faults met. What was read before stays usable when a page fails: its
 * age shows in `eventTime`. EMPTY when there is nothing at all; GAP counts the bars missing inside the span.
 */
async function readCandles(
  read: SeriesRead<Candle>,
  instrument: string,
  { barsAPage, request, parse }: CandleVenue,
): Promise<Observed<PriceHistory>> {
  const { ask, source, now, known, signal } = read;
  const { from, end } = spanOf(read);
  known.trim(from);
  const missing = firstMissing(timesOf(known.points()), from, end, HOUR_SECONDS);
  const first = missing <= end ? missing : null;
  const { points: candles, faults } = await bringUpToDate(read, from, end, first, async (start) => {
    const stop = Math.min(end, start + (barsAPage - 1) * HOUR_SECONDS);
    const answer = await ask(...request(instrument, start, stop), source, signal);
    if ("fault" in answer) return unanswered(answer.fault);
    const { points, faults, failed } = parse(answer.body, source, HOUR_SECONDS, now);
    return { points, faults, stop: failed, next: stop < end ? stop + HOUR_SECONDS : null };
  });
  const last = candles.at(-1);
  if (last === undefined) return nothing(source, faults, "no closed candle");
  const gaps = holes(timesOf(candles), HOUR_SECONDS);
  const where = `hours missing inside the span, first ${new Date(gaps.first * 1000).toISOString()}`;
  const eventTime = last[0] + HOUR_SECONDS;
  const head = { kind: "priceHistory", source, instrument, intervalSeconds: HOUR_SECONDS } as const;
  const gap = gaps.missing > 0 ? [fault("GAP", source, where, gaps.missing)] : [];
  return { source, observation: { ...head, eventTime, candles }, faults: [...faults, ...gap] };
}

/**
 * Reads page after page from `first` (null: nothing is missing) until there is no next one. Where the venue does not answer
 * in full, what the process before this one knew fills it up: a restart is no reason to know less.
 * @param from time of the oldest point wanted; `upTo` of the newest
 */
export async function bringUpToDate<P extends Point>(
  { known, source }: SeriesRead<P>,
  from: number,
  upTo: number,
  first: number | null,
  readPage: (at: number) => Promise<Step<P>>,
): Promise<{ readonly points: readonly P[]; readonly faults: readonly Fault[] }> {
  const faults: Fault[] = [];
  let at = first;
  for (let page = 0; at !== null && page < MAX_PAGES; page += 1) {
    const step = await readPage(at);
    faults.push(...step.faults);
    const changed = known.add(step.points.filter(([time]) => time >= from));
    if (changed > 0) faults.push(fault("INCONSISTENT", source, "closed bars came back with other numbers", changed));
    if (step.stop) break;
    at = step.next;
  }
  if (at !== null) return { points: await known.filledUp(from, upTo), faults };
  await known.keep();
  known.trim(from);
  return { points: known.points(), faults };
}

/** The full hours asked for: start of the first, and of the last that has closed. */
export function spanOf({ now, days }: Pick<SeriesRead<Point>, "now" | "days">): Record<"from" | "end", number> {
  const hours = (time: number, round: (value: number) => number) => round(time / HOUR_SECONDS) * HOUR_SECONDS;
  return { from: hours(now - days * DAY_SECONDS, Math.ceil), end: hours(now, Math.floor) - HOUR_SECONDS };
}

export function unanswered(why: Fault): Step<never> {
  return { points: [], faults: [why], next: null, stop: true };
}

export function nothing(source: string, faults: readonly Fault[], detail: string): Observed<never> {
  return { source, observation: null, faults: [...faults, fault("EMPTY", source, detail)] };
}

export function timesOf(points: readonly Point[]): readonly number[] {
  return points.map(([time]) => time);
}

/** A venue's row of decimal text: bar start in milliseconds, open, high, low, close, volume in base units. */
const TextBar = z
  .tuple([z.union([z.number(), decimal]), decimal, decimal, decimal, decimal, decimal])
  .rest(z.unknown());

/**
 * A page of rows of decimal text, in any order. Bars are dropped and counted: SCHEMA, NOT_FINITE, and the faults of
 * `barProblem` and `closedRows`.
 */
export function textCandles(rows: readonly unknown[], source: string, interval: number, now: number): Page<Candle> {
  const log = faultLog(source);
  const bars = readRows(rows, TextBar, "bar", log).map(([ms, ...values]) => ({
    time: ms / 1000,
    values: values.slice(0, 5) as number[],
  }));
  const oldestFirst = (bars[0]?.time ?? 0) > (bars.at(-1)?.time ?? 0) ? bars.reverse() : bars;
  return { points: candlesOf(oldestFirst, interval, now, log), faults: log.faults(), failed: false };
}

/** The closed and sound candles among rows of open, high, low, close and volume. */
export function candlesOf(rows: readonly Row[], interval: number, now: number, log: FaultLog): readonly Candle[] {
  return closedRows(soundRows(rows, log, "a price"), interval, now, log).map(({ time, values }) => {
    const [open = 0, high = 0, low = 0, close = 0, volume = 0] = values;
    return [time, open, high, low, close, volume];
  });
}

/** An answer that was refused as a whole. */
export function failedPage(why: Fault, more: readonly Fault[] = []): Page<never> {
  return { points: [], faults: [why, ...more], failed: true };
}

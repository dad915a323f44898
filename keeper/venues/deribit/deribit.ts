import { DAY_SECONDS, HOUR_SECONDS } from "../../domain/calendar.ts";
import { type Fault, fault } from "../../domain/fault.ts";
import type { Candle, Observed, PriceHistory, VolatilityIndex } from "../../domain/observation.ts";
import { sourceName } from "../../domain/sourceNames.ts";
import { marketName } from "../judge.ts";
import { refused } from "../parse.ts";
import { barProblem, firstMissing, holes, openSeries, type Point, type PointShape, type Series } from "../series.ts";
import type { Ask, History, ReadBoard, ReadBook, SeriesMemory, Venue } from "../venue.ts";
import { openDeribit, parseDeribitBoard, parseDeribitBook } from "./board.ts";
import { type IndexPoint, type Page, parseCandles, parseVolatilityIndex } from "./history.ts";

/** Rest after "too many requests" when the venue names no time itself. */
const REST_MS = 1_000;
/** Levels a side; the most one request gives. */
const LEVELS = 1000;
/** Deribit answers at most about 5 000 candles a call. */
const CANDLES_A_PAGE = 5_000;
/** Pages of one read: far above what 400 days need, so that a venue paging in circles cannot hold the keeper. */
const MAX_PAGES = 20;
/** "ETH-PERPETUAL" counts in dollars; "ETH_USDC" (spot) and "ETH_USDC-PERPETUAL" count in coin. */
const MARKET = /^(?:[A-Z0-9]+-PERPETUAL|[A-Z0-9]+_USD[CT](?:-PERPETUAL)?)$/;

const CANDLES: PointShape = {
  width: 6,
  interval: HOUR_SECONDS,
  isSound: (values) => barProblem(values, "a price") === null,
};
const INDEX: PointShape = { width: 2, interval: HOUR_SECONDS, isSound: ([vol = 0]) => vol > 0 };

/**
 * Deribit's public API: inverse options on BTC and ETH, order books, hourly candles and the volatility index DVOL. Prices
 * of options are in coin, `mark_iv` and DVOL in percent; observations carry fractions. The parsers beside this file are
 * pure.
 */
export const deribit = {
  id: "deribit",
  api: {
    url: "https://www.deribit.com/api/v2",
    /** The documented limit for public methods: 20 requests a second, 100 at once; a breach closes the session. */
    rateLimit: { perSecond: 20, burst: 100 },
    restMs: (status) => (status === 429 || status === 503 ? REST_MS : 0),
    open: openDeribit,
  },
  board:
    (ask): ReadBoard =>
    async (currency, signal) => {
      const source = sourceName.board(currency, "deribit");
      const answer = await ask("public/get_book_summary_by_currency", { currency, kind: "option" }, source, signal);
      return "fault" in answer ? refused(answer.fault) : parseDeribitBoard(answer.body, source, currency);
    },
  book:
    (ask): ReadBook =>
    async (market, signal) => {
      const expected = '"ETH-PERPETUAL", "ETH_USDC" or "ETH_USDC-PERPETUAL"';
      const instrument_name = marketName("deribit", market, MARKET, expected);
      const source = sourceName.book(`deribit:${market}`);
      const answer = await ask("public/get_order_book", { instrument_name, depth: LEVELS }, source, signal);
      return "fault" in answer ? refused(answer.fault) : parseDeribitBook(answer.body, source, market);
    },
  history: (ask, memory) => history(ask, memory),
} as const satisfies Venue;

function history(ask: Ask, memory: SeriesMemory | undefined): Required<History> {
  const opened = new Map<string, Series<never>>();
  const seriesOf = <P extends Point>(name: string, shape: PointShape): Series<P> => {
    const known = (opened.get(name) as Series<P> | undefined) ?? openSeries<P>(memory, name, shape);
    opened.set(name, known as unknown as Series<never>);
    return known;
  };
  return {
    candles(instrument, now, days = 400, signal) {
      const source = sourceName.history(`deribit:${instrument}`);
      const known = seriesOf<Candle>(`${source} ${days}`, CANDLES);
      return readCandles({ ask, source, now, days, known, signal }, instrument);
    },
    index(currency, now, days = 30, signal) {
      const source = sourceName.index(currency);
      const known = seriesOf<IndexPoint>(`${source} ${days}`, INDEX);
      return readIndex({ ask, source, now, days, known, signal }, currency);
    },
  };
}

/** A read of one series: what to ask for, where from and what is remembered. Times are Unix seconds. */
type SeriesRead<P extends Point> = {
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
async function readCandles(read: SeriesRead<Candle>, instrument: string): Promise<Observed<PriceHistory>> {
  const { ask, source, now, known, signal } = read;
  const { from, end } = spanOf(read);
  known.trim(from);
  const missing = firstMissing(timesOf(known.points()), from, end, HOUR_SECONDS);
  const first = missing <= end ? missing : null;
  const { points: candles, faults } = await bringUpToDate(read, from, end, first, async (start) => {
    const stop = Math.min(end, start + (CANDLES_A_PAGE - 1) * HOUR_SECONDS);
    const span = { start_timestamp: start * 1000, end_timestamp: stop * 1000, resolution: HOUR_SECONDS / 60 };
    const parameters = { instrument_name: instrument, ...span };
    const answer = await ask("public/get_tradingview_chart_data", parameters, source, signal);
    if ("fault" in answer) return unanswered(answer.fault);
    const { points, faults, failed } = parseCandles(answer.body, source, HOUR_SECONDS, now);
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
 * Closes of the volatility index up to `now`. Deribit pages from the newest back: `continuation` is the end of the next
 * page. Holes are no fault here, since only levels at their own times are used, never differences.
 */
async function readIndex(read: SeriesRead<IndexPoint>, currency: string): Promise<Observed<VolatilityIndex>> {
  const { ask, source, now, known, signal } = read;
  // Remembered under their close times, asked for by their start times.
  const { from, end } = spanOf(read);
  known.trim(from + HOUR_SECONDS);
  const starts = timesOf(known.points()).map((time) => time - HOUR_SECONDS);
  const start = firstMissing(starts, from, end, HOUR_SECONDS) * 1000;
  const newest = start <= end * 1000 ? end * 1000 : null;
  const [since, upTo] = [from + HOUR_SECONDS, end + HOUR_SECONDS];
  const { points: closes, faults } = await bringUpToDate(read, since, upTo, newest, async (pageEnd) => {
    const parameters = { currency, start_timestamp: start, end_timestamp: pageEnd, resolution: HOUR_SECONDS };
    const answer = await ask("public/get_volatility_index_data", parameters, source, signal);
    if ("fault" in answer) return unanswered(answer.fault);
    const { points, faults, failed, continuation: next } = parseVolatilityIndex(answer.body, source, HOUR_SECONDS, now);
    if (next === null || next < pageEnd) return { points, faults, next, stop: failed || (next ?? start) < start };
    const circle = fault("INCONSISTENT", source, `continuation ${next} does not lead back from ${pageEnd}`);
    return { points, faults: [...faults, circle], next, stop: true };
  });
  const last = closes.at(-1);
  if (last === undefined) return nothing(source, faults, "no closed bar");
  return { source, observation: { kind: "volatilityIndex", source, currency, eventTime: last[0], closes }, faults };
}

/**
 * Reads page after page from `first` (null: nothing is missing) until there is no next one. Where the venue does not answer
 * in full, what the process before this one knew fills it up: a restart is no reason to know less.
 * @param from time of the oldest point wanted; `upTo` of the newest
 */
async function bringUpToDate<P extends Point>(
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
  return { points: known.points(), faults };
}

/** The full hours asked for: start of the first, and of the last that has closed. */
function spanOf({ now, days }: Pick<SeriesRead<Point>, "now" | "days">): Record<"from" | "end", number> {
  const hours = (time: number, round: (value: number) => number) => round(time / HOUR_SECONDS) * HOUR_SECONDS;
  return { from: hours(now - days * DAY_SECONDS, Math.ceil), end: hours(now, Math.floor) - HOUR_SECONDS };
}

function unanswered(why: Fault): Step<never> {
  return { points: [], faults: [why], next: null, stop: true };
}

function nothing(source: string, faults: readonly Fault[], detail: string): Observed<never> {
  return { source, observation: null, faults: [...faults, fault("EMPTY", source, detail)] };
}

function timesOf(points: readonly Point[]): readonly number[] {
  return points.map(([time]) => time);
}

import { HOUR_SECONDS } from "../../domain/calendar.ts";
import { fault } from "../../domain/fault.ts";
import type { Observed, VolatilityIndex } from "../../domain/observation.ts";
import { sourceName } from "../../domain/sourceNames.ts";
import {
  bringUpToDate,
  type CandleVenue,
  hourlyCandles,
  nothing,
  type SeriesRead,
  seriesByName,
  spanOf,
  timesOf,
  unanswered,
} from "../candles.ts";
import { marketName } from "../judge.ts";
import { refused } from "../parse.ts";
import { firstMissing, type PointShape } from "../series.ts";
import type { Ask, History, ReadBoard, ReadBook, SeriesMemory, Venue } from "../venue.ts";
import {
  type IndexPoint,
  openDeribit,
  parseCandles,
  parseDeribitBoard,
  parseDeribitBook,
  parseVolatilityIndex,
} from "./parse.ts";

/** Rest after "too many requests" when the venue names no time itself. */
const REST_MS = 1_000;
/** Levels a side; the most one request gives. */
const LEVELS = 1000;
/** Deribit answers at most about 5 000 candles a call. */
const CANDLES_A_PAGE = 5_000;
/** "ETH-PERPETUAL" counts in dollars; "ETH_USDC" (spot) and "ETH_USDC-PERPETUAL" count in coin. */
const MARKET = /^(?:[A-Z0-9]+-PERPETUAL|[A-Z0-9]+_USD[CT](?:-PERPETUAL)?)$/;

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

const CANDLES: CandleVenue = {
  id: "deribit",
  barsAPage: CANDLES_A_PAGE,
  request: (instrument_name, from, to) => {
    const span = { start_timestamp: from * 1000, end_timestamp: to * 1000, resolution: HOUR_SECONDS / 60 };
    return ["public/get_tradingview_chart_data", { instrument_name, ...span }];
  },
  parse: parseCandles,
};

function history(ask: Ask, memory: SeriesMemory | undefined): Required<History> {
  const seriesOf = seriesByName(memory);
  return {
    candles: hourlyCandles(ask, memory, CANDLES),
    index(currency, now, days = 30, signal) {
      const source = sourceName.index(currency);
      const known = seriesOf<IndexPoint>(`${source} ${days}`, INDEX);
      return readIndex({ ask, source, now, days, known, signal }, currency);
    },
  };
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

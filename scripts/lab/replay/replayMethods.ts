import { DAY_SECONDS, HOUR_SECONDS } from "../../../keeper/domain/calendar.ts";
import { bookSummaryAnswer } from "./bookSummaryAnswer.ts";
import type { ReplaySource } from "./replaySource.ts";
import { invalidParameter, oneOf, type RpcOutcome, timeSpan } from "./rpcShape.ts";
import { atLength, candlesAnswer, indexAnswer } from "./seriesAnswers.ts";

const KINDS = ["future", "option", "spot", "future_combo", "option_combo"];
const CANDLE_RESOLUTIONS = ["1", "3", "5", "10", "15", "30", "60", "120", "180", "360", "720", "1D"];
const INDEX_RESOLUTIONS = ["1", "60", "3600", "43200", "1D"];
/** A price older than this is no index price. */
const MAX_INDEX_AGE = 6 * HOUR_SECONDS + 1800;

/** A method of the API: its outcome for a query at `asOf` (Unix seconds), from nothing later. */
type Method = (data: ReplaySource, query: URLSearchParams, asOf: number) => RpcOutcome;

/** The methods served, by name; the same parameters, results and refusals as the real ones. */
export const REPLAY_METHODS: Readonly<Record<string, Method>> = {
  get_time: (_data, _query, asOf) => ({ result: asOf * 1000 }),
  get_index_price: indexPrice,
  get_book_summary_by_currency: bookSummary,
  get_volatility_index_data: volatilityIndex,
  get_tradingview_chart_data: chart,
};

function bookSummary(data: ReplaySource, query: URLSearchParams, asOf: number): RpcOutcome {
  const currency = oneOf(query, "currency", data.currencies);
  if (typeof currency !== "string") return currency;
  const kind = query.get("kind") ?? "option";
  if (!KINDS.includes(kind)) return invalidParameter("kind", `expected one of: ${KINDS.join(", ")}`);
  const board = kind === "option" ? data.board(currency, asOf) : null;
  return { result: board === null ? [] : bookSummaryAnswer(board, currency) };
}

function chart(data: ReplaySource, query: URLSearchParams, asOf: number): RpcOutcome {
  const instrument = oneOf(query, "instrument_name", data.instruments);
  if (typeof instrument !== "string") return instrument;
  const resolution = oneOf(query, "resolution", CANDLE_RESOLUTIONS);
  if (typeof resolution !== "string") return resolution;
  if (resolution !== "60") return invalidParameter("resolution", "this replay holds hourly candles only: 60");
  const span = timeSpan(query);
  if (!("from" in span)) return span;
  return { result: candlesAnswer(data.candles(instrument, span.from, span.to, asOf)) };
}

function volatilityIndex(data: ReplaySource, query: URLSearchParams, asOf: number): RpcOutcome {
  const currency = oneOf(query, "currency", data.currencies);
  if (typeof currency !== "string") return currency;
  const resolution = oneOf(query, "resolution", INDEX_RESOLUTIONS);
  if (typeof resolution !== "string") return resolution;
  if (resolution !== "3600" && resolution !== "1D") {
    return invalidParameter("resolution", "this replay holds hours and days only: 3600 or 1D");
  }
  const span = timeSpan(query);
  if (!("from" in span)) return span;
  const length = resolution === "1D" ? DAY_SECONDS : HOUR_SECONDS;
  // Whole days around the span, since hours may be made of days and days of hours.
  const known = data.indexBars(currency, span.from - DAY_SECONDS, span.to + DAY_SECONDS, asOf);
  const bars = atLength(known, length).filter((bar) => bar.time >= span.from && bar.time <= span.to);
  return { result: indexAnswer(bars) };
}

function indexPrice(data: ReplaySource, query: URLSearchParams, asOf: number): RpcOutcome {
  const names = data.currencies.map((currency) => `${currency.toLowerCase()}_usd`);
  const name = oneOf(query, "index_name", names);
  if (typeof name !== "string") return name;
  const currency = data.currencies[names.indexOf(name)] ?? "";
  const board = data.board(currency, asOf);
  const candle = data.candles(`${currency}-PERPETUAL`, asOf - 2 * HOUR_SECONDS, asOf, asOf).at(-1);
  const known = [
    ...(board === null ? [] : [{ time: board.time, price: board.rows[0]?.index ?? 0 }]),
    ...(candle === undefined ? [] : [{ time: candle[0] + HOUR_SECONDS, price: candle[4] }]),
  ].sort((a, b) => b.time - a.time);
  const newest = known[0];
  if (newest === undefined || asOf - newest.time > MAX_INDEX_AGE) {
    return { error: { code: 11_098, message: "index_price_not_available" } };
  }
  return { result: { index_price: newest.price, estimated_delivery_price: newest.price } };
}

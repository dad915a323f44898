import { z } from "zod";
import { type Fault, fault, faultLog } from "../../domain/fault.ts";
import { median } from "../../domain/numbers.ts";
import type { Candle, Observed, OptionBoard, OrderBook } from "../../domain/observation.ts";
import type { BoardDialect, SentQuote } from "../../domain/quoteRules.ts";
import { candlesOf, failedPage, type Page } from "../candles.ts";
import { judgeBoard, judgeBook, NUMBER_LEVEL } from "../judge.ts";
import { parseInstrument, parseJson, parseShape, readRows, refused } from "../parse.ts";
import { closedRows, type Row, soundRows } from "../series.ts";

/** The fields read of one record; what else the venue sends is ignored. Prices in coin, `mark_iv` in percent. */
const Record = z.object({
  instrument_name: z.string(),
  base_currency: z.string(),
  bid_price: z.number().nullish(),
  ask_price: z.number().nullish(),
  mark_price: z.number(),
  mark_iv: z.number().nullish(),
  /** Forward of the record's expiry, USD; its name may be synthetic ("SYN.ETH-30JAN26") or "index_price". */
  underlying_price: z.number(),
  /** The spot index, USD. */
  estimated_delivery_price: z.number(),
  open_interest: z.number(),
  /** Milliseconds. */
  creation_timestamp: z.number(),
});

const DIALECT: BoardDialect = {
  ivDivisor: 100,
  zeroMeansNone: false,
  fields: {
    name: "instrument_name",
    time: "creation_timestamp",
    bid: "bid_price",
    ask: "ask_price",
    mark: "mark_price",
    iv: "mark_iv",
    forward: "underlying_price",
    index: "estimated_delivery_price",
    interest: "open_interest",
  },
};

/**
 * The options board in the body of `public/get_book_summary_by_currency?kind=option`. A bad record is dropped and counted under
 * its fault: SCHEMA, NOT_FINITE, INCONSISTENT (another base_currency), and the faults of `judgeBoard`. A zero bid or ask is read
 * as none, with a fault. The whole answer fails with a fault of `openDeribit`, SCHEMA, EMPTY, or UNIT_SUSPECT (see `judgeBoard`).
 * @example parseDeribitBoard(body, "deribit:ETH:options", "ETH").observation?.quotes[0]?.markIv // 0.7436, from 74.36 %
 */
export function parseDeribitBoard(body: string, source: string, currency: string): Observed<OptionBoard> {
  const opened = openDeribit(body, source);
  if ("fault" in opened) return refused(opened.fault);
  if (!Array.isArray(opened.result)) return refused(fault("SCHEMA", source, "field result: expected a list"));
  if (opened.result.length === 0) return refused(fault("EMPTY", source, "the list of instruments is empty"));

  const log = faultLog(source);
  const records = readRows(opened.result, Record, "record", log, "field ");
  if (records.length === 0) return refused(fault("SCHEMA", source, "no record of the documented shape"), log.faults());
  const own = records.filter((record) => {
    if (record.base_currency === currency) return true;
    log.add("INCONSISTENT", `base_currency other than ${currency}`, record.instrument_name);
    return false;
  });
  return judgeBoard(own.map(toSent), { source, currency }, DIALECT, log);
}

function toSent(record: z.infer<typeof Record>): SentQuote {
  return {
    name: record.instrument_name,
    instrument: parseInstrument(record.instrument_name),
    timeMs: record.creation_timestamp,
    bidCoin: record.bid_price ?? null,
    askCoin: record.ask_price ?? null,
    markCoin: record.mark_price,
    markIv: record.mark_iv ?? null,
    forwardUsd: record.underlying_price,
    indexUsd: record.estimated_delivery_price,
    openInterest: record.open_interest,
  };
}

/**
 * The `result` of a Deribit answer (JSON-RPC), not checked any further, or the fault that cost the whole answer: one of
 * `parseJson`, VENUE_ERROR for an `error` object, SCHEMA for no `result`.
 * @example openDeribit('{"jsonrpc":"2.0","result":[]}', "deribit:ETH:options") // { result: [] }
 */
export function openDeribit(body: string, source: string): { readonly result: unknown } | { readonly fault: Fault } {
  const parsed = parseJson(body, source);
  if ("fault" in parsed) return parsed;
  const { value } = parsed;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { fault: fault("SCHEMA", source, "expected a JSON-RPC object at the top") };
  }
  if ("error" in value && value.error !== null && value.error !== undefined) {
    return { fault: fault("VENUE_ERROR", source, describeError(value.error)) };
  }
  if (!("result" in value)) return { fault: fault("SCHEMA", source, "field result is missing") };
  return { result: value.result };
}

/** Deribit: { code, message, data: { reason, param } }. */
function describeError(error: unknown): string {
  if (typeof error !== "object" || error === null) return String(error).slice(0, 200);
  const code = "code" in error ? String(error.code) : "?";
  const message = "message" in error ? String(error.message) : "no message";
  const data = "data" in error && error.data !== undefined ? ` ${JSON.stringify(error.data)}` : "";
  return `code ${code}: ${message}${data}`.slice(0, 200);
}

/** An inverse perpetual, which counts in dollars; linear perpetuals and spot count in coin. */
const INVERSE = /^[A-Z0-9]+-PERPETUAL$/;

const Book = z.object({
  instrument_name: z.string(),
  bids: z.array(z.unknown()),
  asks: z.array(z.unknown()),
  timestamp: z.number(),
  state: z.string(),
});

/**
 * The book in the body of `public/get_order_book`: [price, amount] a level; dollars become coin at the level's own price.
 * A fault of `openDeribit`, SCHEMA, NOT_FINITE, INCONSISTENT (another market's, or closed), or those of `judgeBook`.
 */
export function parseDeribitBook(body: string, source: string, market: string): Observed<OrderBook> {
  const opened = openDeribit(body, source);
  if ("fault" in opened) return refused(opened.fault);
  const parsed = parseShape(opened.result, Book, source);
  if ("fault" in parsed) return refused(parsed.fault);
  const { instrument_name: name, state, timestamp, bids, asks } = parsed.data;
  if (name !== market || state !== "open") {
    const detail = `book of ${name.slice(0, 40)} in state ${state.slice(0, 20)}, expected ${market} open`;
    return refused(fault("INCONSISTENT", source, detail));
  }
  const inCoin = INVERSE.test(market) ? (price: number, size: number) => size / price : undefined;
  return judgeBook({ source, market, timeMs: timestamp, bids, asks }, NUMBER_LEVEL, inCoin);
}

const Numbers = z.array(z.unknown());
/** Parallel lists; `ticks` are bar starts in milliseconds, prices in USD, `volume` in base units. */
const Chart = z.object({
  status: z.string(),
  ticks: Numbers,
  open: Numbers,
  high: Numbers,
  low: Numbers,
  close: Numbers,
  volume: Numbers,
});
const COLUMNS = ["ticks", "open", "high", "low", "close", "volume"] as const;
const ChartBar = z.object({
  ticks: z.number(),
  open: z.number(),
  high: z.number(),
  low: z.number(),
  close: z.number(),
  volume: z.number(),
});

/**
 * One page of `public/get_tradingview_chart_data`. An answer of status "no_data" is an empty page without a fault.
 * Bars are dropped and counted: SCHEMA, NOT_FINITE, and the faults of `barProblem` and `closedRows`. The answer fails with
 * a fault of `openDeribit`, SCHEMA, or INCONSISTENT when its lists differ in length.
 * @example parseCandles(body, "deribit:ETH-PERPETUAL:history", 3600, now).points[0] // [1769572800, 3011.2, ...]
 */
export function parseCandles(body: string, source: string, interval: number, now: number): Page<Candle> {
  const opened = openDeribit(body, source);
  if ("fault" in opened) return failedPage(opened.fault);
  const parsed = parseShape(opened.result, Chart, source, "field result.");
  if ("fault" in parsed) return failedPage(parsed.fault);
  const chart = parsed.data;
  if (chart.status !== "ok" && chart.status !== "no_data") {
    return failedPage(fault("SCHEMA", source, 'field result.status: expected "ok" or "no_data"'));
  }
  const length = chart.ticks.length;
  const uneven = COLUMNS.find((column) => chart[column].length !== length);
  if (uneven !== undefined) {
    const detail = `field ${uneven} has ${chart[uneven].length} entries, ticks ${length}`;
    return failedPage(fault("INCONSISTENT", source, detail));
  }
  const log = faultLog(source);
  const bars = chart.ticks.map((_, at) => Object.fromEntries(COLUMNS.map((column) => [column, chart[column][at]])));
  const rows = readRows(bars, ChartBar, "bar", log, "field ").map(({ ticks, open, high, low, close, volume }) =>
    row(ticks, [open, high, low, close, volume]),
  );
  return { points: candlesOf(rows, interval, now, log), faults: log.faults(), failed: false };
}

/** `data` rows are [start ms, open, high, low, close], the index in percent a year. */
const IndexPage = z.object({ data: z.array(z.unknown()), continuation: z.number().nullish() });
const IndexBar = z.tuple([z.number(), z.number(), z.number(), z.number(), z.number()]).rest(z.unknown());

/** Median close of an index as a fraction; outside, the unit is in doubt. DVOL has been in 0.3 to 1.7 since 2021. */
const MEDIAN_VOL = { min: 0.05, max: 5 };
const MAX_VOL = { value: 10, words: "1000 %" };

/** Close time in Unix seconds, close as a fraction a year. */
export type IndexPoint = readonly [time: number, vol: number];

/**
 * One page of `public/get_volatility_index_data`, and where the next, older page ends (milliseconds; null: no more).
 * Bars are dropped and counted: SCHEMA, NOT_FINITE, UNIT_SUSPECT (above 1000 %), and the faults of `barProblem` and `closedRows`.
 * The answer fails with a fault of `openDeribit`, SCHEMA, or UNIT_SUSPECT (a median close outside [0.05, 5] as a fraction).
 * @example parseVolatilityIndex(body, "deribit:ETH:index", 3600, 1769572847).points.at(-1) // [1769572800, 0.5312]
 */
export function parseVolatilityIndex(
  body: string,
  source: string,
  interval: number,
  now: number,
): Page<IndexPoint> & { readonly continuation: number | null } {
  const refusal = (why: Fault, more?: readonly Fault[]) => ({ ...failedPage(why, more), continuation: null });
  const opened = openDeribit(body, source);
  if ("fault" in opened) return refusal(opened.fault);
  const parsed = parseShape(opened.result, IndexPage, source, "field result.");
  if ("fault" in parsed) return refusal(parsed.fault);
  const log = faultLog(source);
  const rows = readRows(parsed.data.data, IndexBar, "bar", log, "field data.").map(([ms, ...percents]) =>
    row(
      ms,
      percents.slice(0, 4).map((percent) => Number(percent) / 100),
    ),
  );
  const middle = median(rows.map(({ values }) => values[3] ?? Number.NaN));
  if (rows.length > 0 && !(middle >= MEDIAN_VOL.min && middle <= MEDIAN_VOL.max)) {
    return refusal(fault("UNIT_SUSPECT", source, `median close ${middle * 100} %, expected 5 to 500 %`), log.faults());
  }
  const closed = closedRows(soundRows(rows, log, "index", MAX_VOL), interval, now, log);
  const points = closed.map(({ time, values }) => [time + interval, values[3] ?? 0] as const);
  return { points, continuation: parsed.data.continuation ?? null, faults: log.faults(), failed: false };
}

function row(ms: number, values: readonly number[]): Row {
  return { time: ms / 1000, values };
}

import { z } from "zod";
import { type Fault, type FaultLog, fault, faultLog } from "../../domain/fault.ts";
import type { Candle, Observed, OptionBoard, OrderBook } from "../../domain/observation.ts";
import type { BoardDialect, SentQuote } from "../../domain/quoteRules.ts";
import { failedPage, type Page, textCandles } from "../candles.ts";
import { judgeBoard, judgeBook, TEXT_LEVEL } from "../judge.ts";
import {
  decimal,
  decimalOrNone,
  okxOption,
  parseJson,
  parseShape,
  readRows,
  refused,
  withoutRepeats,
} from "../parse.ts";

/** Bodies of the four methods a board is made of. */
type OkxBodies = {
  /** public/opt-summary: volatilities as fractions, forwards in USD. */
  readonly summary: string;
  /** public/mark-price: marks in coin. */
  readonly marks: string;
  /** market/tickers: best bid and ask in coin. */
  readonly tickers: string;
  /** market/index-tickers: the index in USD. */
  readonly index: string;
};

/** The fields read of each; what else the venue sends is ignored. Numbers are decimal text, times milliseconds. */
const Summary = z.object({ instId: z.string(), markVol: decimalOrNone, fwdPx: decimal, ts: decimal });
const Mark = z.object({ instId: z.string(), markPx: decimal, ts: decimal });
const Ticker = z.object({ instId: z.string(), bidPx: decimalOrNone, askPx: decimalOrNone, ts: decimal });
const Index = z.object({ instId: z.string(), idxPx: decimal, ts: decimal });

const DIALECT: BoardDialect = {
  ivDivisor: 1,
  zeroMeansNone: false,
  fields: {
    name: "instId",
    time: "ts",
    bid: "bidPx",
    ask: "askPx",
    mark: "markPx",
    iv: "markVol",
    forward: "fwdPx",
    index: "idxPx",
    interest: "oi",
  },
};

/**
 * The options board of one currency from OKX's four answers, joined by instrument: the summary says which options exist,
 * and each needs its mark price; a missing ticker is no bid and no ask. A record is as old as the oldest of what it was made
 * from; a ticker keeps the time of its last change, so the newest of them dates them all.
 * Any answer that fails costs the board with its fault (see `openOkx`); bad rows are dropped and counted: SCHEMA, NOT_FINITE,
 * DUPLICATE, INCONSISTENT (no mark price, an index of another pair), and the faults of `judgeBoard`. Open interest is not
 * asked for: 0.
 * @example parseOkxBoard(bodies, "okx:ETH:options", "ETH").observation?.quotes[0]?.markIv // 0.5125
 */
export function parseOkxBoard(bodies: OkxBodies, source: string, currency: string): Observed<OptionBoard> {
  const log = faultLog(source);
  const opened = [bodies.summary, bodies.marks, bodies.tickers, bodies.index].map((body) => openOkx(body, source));
  const faults = opened.flatMap((one): Fault[] => ("fault" in one ? [one.fault] : []));
  if (faults.length > 0) return { source, observation: null, faults };
  const [summaryRows = [], markRows = [], tickerRows = [], indexRows = []] = opened.map((one) =>
    "data" in one ? one.data : [],
  );

  const [index] = readRows(indexRows, Index, "index", log).filter((row) => {
    if (row.instId === `${currency}-USD`) return true;
    log.add("INCONSISTENT", `an index other than ${currency}-USD`, row.instId);
    return false;
  });
  const marks = byInstrument(readRows(markRows, Mark, "mark", log), log);
  const tickers = byInstrument(readRows(tickerRows, Ticker, "ticker", log), log);
  if (tickers.size === 0) return refused(fault("EMPTY", source, "no usable ticker"), log.faults());
  const newestTicker = Math.max(...[...tickers.values()].map((ticker) => ticker.ts));
  const summaries = index === undefined ? [] : readRows(summaryRows, Summary, "summary", log);
  const sent = summaries.flatMap((row): SentQuote[] => {
    const mark = marks.get(row.instId);
    if (mark === undefined || index === undefined) {
      log.add("INCONSISTENT", "an option without a mark price", row.instId);
      return [];
    }
    const ticker = tickers.get(row.instId);
    if (ticker === undefined) log.add("INCONSISTENT", "an option without a ticker, so without bid and ask", row.instId);
    return [
      {
        name: row.instId,
        instrument: okxOption(row.instId),
        timeMs: Math.min(row.ts, mark.ts, index.ts, newestTicker),
        bidCoin: ticker?.bidPx ?? null,
        askCoin: ticker?.askPx ?? null,
        markCoin: mark.markPx,
        markIv: row.markVol,
        forwardUsd: row.fwdPx,
        indexUsd: index.idxPx,
        openInterest: 0,
      },
    ];
  });
  return judgeBoard(sent, { source, currency }, DIALECT, log);
}

function byInstrument<Row extends { readonly instId: string }>(
  rows: readonly Row[],
  log: FaultLog,
): ReadonlyMap<string, Row> {
  const once = withoutRepeats(rows, (row) => ({ key: row.instId, text: JSON.stringify(row) }), log);
  return new Map(once.map((row) => [row.instId, row]));
}

const Envelope = z.object({ code: z.string(), msg: z.string().optional(), data: z.array(z.unknown()).optional() });

/**
 * The `data` list of an OKX answer, not checked any further, or the fault that cost the whole answer: one of `parseJson`,
 * SCHEMA, VENUE_ERROR for a code other than "0", EMPTY for an empty list.
 * @example openOkx('{"code":"0","msg":"","data":[{}]}', "okx:ETH:options") // { data: [{}] }
 */
export function openOkx(
  body: string,
  source: string,
): { readonly data: readonly unknown[] } | { readonly fault: Fault } {
  const json = parseJson(body, source);
  if ("fault" in json) return json;
  const parsed = parseShape(json.value, Envelope, source);
  if ("fault" in parsed) return parsed;
  const { code, msg, data } = parsed.data;
  if (code !== "0") return { fault: fault("VENUE_ERROR", source, `code ${code}: ${msg ?? ""}`.slice(0, 200)) };
  if (data === undefined) return { fault: fault("SCHEMA", source, "field data is missing") };
  return data.length === 0 ? { fault: fault("EMPTY", source, "the list is empty") } : { data };
}

const Book = z.object({ bids: z.array(z.unknown()), asks: z.array(z.unknown()), ts: decimal });

/**
 * The book in the body of `market/books`, [price, size in base, "0", orders] a level: a fault of `openOkx`, SCHEMA,
 * NOT_FINITE, or those of `judgeBook`.
 */
export function parseOkxBook(body: string, source: string, market: string): Observed<OrderBook> {
  const opened = openOkx(body, source);
  if ("fault" in opened) return refused(opened.fault);
  const parsed = parseShape(opened.data[0], Book, source);
  if ("fault" in parsed) return refused(parsed.fault);
  const { bids, asks, ts } = parsed.data;
  return judgeBook({ source, market, timeMs: ts, bids, asks }, TEXT_LEVEL);
}

/** The body of `market/history-candles`, newest first: [ms, open, high, low, close, volume in base, ...]. */
export function parseOkxCandles(body: string, source: string, interval: number, now: number): Page<Candle> {
  const opened = openOkx(body, source);
  return "fault" in opened ? failedPage(opened.fault) : textCandles(opened.data, source, interval, now);
}

import { z } from "zod";
import { type Fault, fault, faultLog } from "../../domain/fault.ts";
import type { Candle, Observed, OptionBoard, OrderBook } from "../../domain/observation.ts";
import type { BoardDialect, SentQuote } from "../../domain/quoteRules.ts";
import { failedPage, type Page, textCandles } from "../candles.ts";
import { judgeBoard, judgeBook, TEXT_LEVEL } from "../judge.ts";
import { type BybitOption, bybitOption, decimal, parseJson, parseShape, readRows, refused } from "../parse.ts";

const Result = z.object({ category: z.literal("option"), list: z.array(z.unknown()) });
/** The fields read of one ticker; what else the venue sends is ignored. Prices in dollars, `markIv` a fraction. */
const Ticker = z.object({
  symbol: z.string(),
  /** "0" means none, here and in the ask. */
  bid1Price: decimal,
  ask1Price: decimal,
  markPrice: decimal,
  markIv: decimal,
  /** Forward of the option's expiry. */
  underlyingPrice: decimal,
  indexPrice: decimal,
  /** In coin. */
  openInterest: decimal,
});
type Ticker = z.infer<typeof Ticker>;

const DIALECT: BoardDialect = {
  ivDivisor: 1,
  zeroMeansNone: true,
  fields: {
    name: "symbol",
    time: "time",
    bid: "bid1Price",
    ask: "ask1Price",
    mark: "markPrice",
    iv: "markIv",
    forward: "underlyingPrice",
    index: "indexPrice",
    interest: "openInterest",
  },
};

/**
 * The options board in the body of `market/tickers?category=option`. Premiums in dollars become premiums in coin by the
 * forward of their expiry. Where options are listed twice, settled in USDC and in USDT, the settlement with more records is read:
 * two marks of one option would contradict each other. `eventTime` is when the *answer* was written; that its numbers move is
 * watched by the connection.
 * Bad tickers are dropped and counted: SCHEMA, NOT_FINITE, and the faults of `judgeBoard`. The whole answer fails with a
 * fault of `openBybit`, SCHEMA (another category), EMPTY or UNIT_SUSPECT.
 * @example parseBybitBoard(body, "bybit:ETH:options", "ETH").observation?.quotes[0]?.markIv // 0.5125
 */
export function parseBybitBoard(body: string, source: string, currency: string): Observed<OptionBoard> {
  const opened = openBybit(body, source);
  if ("fault" in opened) return refused(opened.fault);
  const parsed = parseShape(opened.result, Result, source, "field result.");
  if ("fault" in parsed) return refused(parsed.fault);
  const log = faultLog(source);
  const tickers = readRows(parsed.data.list, Ticker, "ticker", log).map((ticker) => ({
    ticker,
    instrument: bybitOption(ticker.symbol),
  }));
  const settlement = commonSettlement(tickers.map((one) => one.instrument));
  const sent = tickers
    .filter(({ instrument }) => instrument === null || instrument.settledIn === settlement)
    .map(({ ticker, instrument }) => toSent(ticker, instrument, opened.timeMs));
  return judgeBoard(sent, { source, currency }, DIALECT, log);
}

function commonSettlement(instruments: readonly (BybitOption | null)[]): "USDC" | "USDT" {
  const count = (coin: string) => instruments.filter((one) => one?.settledIn === coin).length;
  return count("USDC") > count("USDT") ? "USDC" : "USDT";
}

function toSent(ticker: Ticker, instrument: BybitOption | null, timeMs: number): SentQuote {
  const { underlyingPrice: forward } = ticker;
  return {
    name: ticker.symbol,
    instrument,
    timeMs,
    bidCoin: ticker.bid1Price / forward,
    askCoin: ticker.ask1Price / forward,
    markCoin: ticker.markPrice / forward,
    markIv: ticker.markIv,
    forwardUsd: forward,
    indexUsd: ticker.indexPrice,
    openInterest: ticker.openInterest,
  };
}

const Envelope = z.object({
  retCode: z.number(),
  retMsg: z.string().optional(),
  result: z.unknown(),
  time: z.number(),
});

/**
 * The `result` of a Bybit answer, not checked any further, with the time it was written (milliseconds), or the fault that
 * cost the whole answer: one of `parseJson`, SCHEMA, NOT_FINITE, VENUE_ERROR for a retCode other than 0.
 * @example openBybit('{"retCode":0,"retMsg":"OK","result":{},"time":1672376592395}', "bybit:ETH:options")
 */
export function openBybit(
  body: string,
  source: string,
): { readonly result: unknown; readonly timeMs: number } | { readonly fault: Fault } {
  const json = parseJson(body, source);
  if ("fault" in json) return json;
  const parsed = parseShape(json.value, Envelope, source);
  if ("fault" in parsed) return parsed;
  const { retCode, retMsg, result, time } = parsed.data;
  if (retCode === 0) return { result, timeMs: time };
  return { fault: fault("VENUE_ERROR", source, `retCode ${retCode}: ${retMsg ?? ""}`.slice(0, 200)) };
}

/** `s` is the symbol, `b` bids, `a` asks, `ts` when the system made it, milliseconds. */
const Book = z.object({ s: z.string(), b: z.array(z.unknown()), a: z.array(z.unknown()), ts: z.number() });

/**
 * The book in the body of `market/orderbook`, [price, size in base] a level: a fault of `openBybit`, SCHEMA, NOT_FINITE,
 * INCONSISTENT (another market's), or those of `judgeBook`.
 */
export function parseBybitBook(body: string, source: string, market: string): Observed<OrderBook> {
  const opened = openBybit(body, source);
  if ("fault" in opened) return refused(opened.fault);
  const parsed = parseShape(opened.result, Book, source);
  if ("fault" in parsed) return refused(parsed.fault);
  const { s, b, a, ts } = parsed.data;
  if (s !== market) return refused(fault("INCONSISTENT", source, `book of ${s.slice(0, 40)}`));
  return judgeBook({ source, market, timeMs: ts, bids: b, asks: a }, TEXT_LEVEL);
}

const Kline = z.object({ category: z.string(), list: z.array(z.unknown()) });

/** The body of `market/kline`, newest first: [ms, open, high, low, close, volume in base, turnover]. */
export function parseBybitCandles(body: string, source: string, interval: number, now: number): Page<Candle> {
  const opened = openBybit(body, source);
  if ("fault" in opened) return failedPage(opened.fault);
  const parsed = parseShape(opened.result, Kline, source, "field result.");
  if ("fault" in parsed) return failedPage(parsed.fault);
  const { category, list } = parsed.data;
  if (category === "spot") return textCandles(list, source, interval, now);
  return failedPage(fault("SCHEMA", source, `category ${category.slice(0, 20)}, expected spot`));
}

import { z } from "zod";
import { YEAR_SECONDS } from "../../domain/calendar.ts";
import { type Fault, type FaultLog, fault, faultLog } from "../../domain/fault.ts";
import { median } from "../../domain/numbers.ts";
import type { Candle, Observed, OptionBoard, OrderBook } from "../../domain/observation.ts";
import type { BoardDialect, Instrument, SentQuote } from "../../domain/quoteRules.ts";
import { failedPage, type Page, textCandles } from "../candles.ts";
import { judgeBoard, judgeBook, TEXT_LEVEL } from "../judge.ts";
import { binanceOption, decimal, parseJson, parseShape, readRows, refused, withoutRepeats } from "../parse.ts";

/** Bodies of the methods a board is made of, beside the contracts: eapi/v1/mark, eapi/v1/ticker, eapi/v1/index. */
type BinanceBodies = { readonly marks: string; readonly tickers: string; readonly index: string };

/** The fields read of each. Premiums in USDT, volatilities as fractions, the rate a year. */
const Mark = z.object({ symbol: z.string(), markPrice: decimal, markIV: decimal, riskFreeInterest: decimal });
/** "0" or "0.000" means none. */
const Ticker = z.object({ symbol: z.string(), bidPrice: decimal, askPrice: decimal });
const Index = z.object({ time: z.number(), indexPrice: decimal });

type Priced = { readonly row: z.infer<typeof Mark>; readonly instrument: Instrument; readonly growth: number };

/** Rates a year beyond this are percent taken for a fraction. */
const MAX_RATE = 0.5;
/** Strikes nearest the index that vote on the forward of their expiry. */
const VOTERS = 5;

const DIALECT: BoardDialect = {
  ivDivisor: 1,
  zeroMeansNone: true,
  fields: {
    name: "symbol",
    time: "time",
    bid: "bidPrice",
    ask: "askPrice",
    mark: "markPrice",
    iv: "markIV",
    forward: "the forward by parity",
    index: "indexPrice",
    interest: "open interest",
  },
};

/**
 * The options board of one currency from Binance's answers, which hold marks of other currencies too. Premiums are undiscounted
 * by the rate that the venue names and become coin by the forward of their expiry (`forwardsByParity`); a missing ticker is no
 * bid and no ask. Only the index carries a time, so that is the board's; that the numbers move is watched by the connection.
 * Bad rows are dropped and counted: SCHEMA, NOT_FINITE, DUPLICATE, UNIT_SUSPECT (a rate above 50 %), INCONSISTENT (a
 * contract that is not listed, an option without a ticker), TOO_FEW (an expiry without a forward), and the faults of
 * `judgeBoard`. Any answer that fails costs the board. Open interest is a method per expiry and not asked for: 0.
 */
export function parseBinanceBoard(
  bodies: BinanceBodies,
  contracts: Contracts,
  source: string,
  currency: string,
): Observed<OptionBoard> {
  const log = faultLog(source);
  const marks = openList(bodies.marks, source);
  const tickers = openList(bodies.tickers, source);
  const index = openIndex(bodies.index, source);
  if ("fault" in marks || "fault" in tickers || "fault" in index) {
    const faults = [marks, tickers, index].flatMap((one) => ("fault" in one ? [one.fault] : []));
    return { source, observation: null, faults };
  }
  const key = (row: { readonly symbol: string }) => ({ key: row.symbol, text: JSON.stringify(row) });
  const rows = withoutRepeats(readRows(marks.list, Mark, "mark", log), key, log);
  const books = withoutRepeats(readRows(tickers.list, Ticker, "ticker", log), key, log);
  const bookOf = new Map(books.map((book) => [book.symbol, book]));
  const { time: timeMs, indexPrice: indexUsd } = index.data;
  const priced = rows.flatMap((row) => priceOf(row, { currency, contracts, timeMs }, log));
  const forwards = forwardsByParity(
    priced.map(({ row, instrument, growth }) => ({ ...instrument, premiumUsd: row.markPrice * growth })),
    indexUsd,
  );
  const sent = priced.flatMap(({ row, instrument, growth }): SentQuote[] => {
    const forward = forwards.get(instrument.expiry);
    if (forward === undefined) {
      log.add("TOO_FEW", "an expiry without a strike that has both legs has no forward", row.symbol);
      return [];
    }
    const book = bookOf.get(row.symbol);
    if (book === undefined) log.add("INCONSISTENT", "an option without a ticker, so without bid and ask", row.symbol);
    const coin = (premium: string | number) => (Number(premium) * growth) / forward;
    return [
      {
        name: row.symbol,
        instrument,
        timeMs,
        bidCoin: book === undefined ? null : coin(book.bidPrice),
        askCoin: book === undefined ? null : coin(book.askPrice),
        markCoin: coin(row.markPrice),
        markIv: row.markIV,
        forwardUsd: forward,
        indexUsd,
        openInterest: 0,
      },
    ];
  });
  return judgeBoard(sent, { source, currency }, DIALECT, log);
}

/** The mark with what its premium grows to until expiry; none for other currencies and strangers. */
function priceOf(
  row: z.infer<typeof Mark>,
  { currency, contracts, timeMs }: { currency: string; contracts: Contracts; timeMs: number },
  log: FaultLog,
): readonly Priced[] {
  const drop = (code: "SCHEMA" | "INCONSISTENT" | "UNIT_SUSPECT", what: string) => {
    log.add(code, what, row.symbol);
    return [];
  };
  const instrument = binanceOption(row.symbol);
  if (instrument === null) return drop("SCHEMA", "symbol is not an option's");
  if (instrument.currency !== currency) return [];
  if (!contracts.has(row.symbol)) return drop("INCONSISTENT", "a mark of a contract that is not listed");
  if (Math.abs(row.riskFreeInterest) > MAX_RATE) return drop("UNIT_SUSPECT", "riskFreeInterest above 50 % a year");
  const years = Math.max(0, instrument.expiry - timeMs / 1000) / YEAR_SECONDS;
  return [{ row, instrument, growth: Math.exp(row.riskFreeInterest * years) }];
}

/** One option's undiscounted premium in dollars per coin. */
type Premium = {
  readonly expiry: number;
  readonly strike: number;
  readonly kind: "call" | "put";
  readonly premiumUsd: number;
};

/**
 * The forward of each expiry in USD by put-call parity of undiscounted premiums, F = K + (C - P): the median over the
 * five strikes nearest the index, where an error in one premium weighs least. Binance sends no forward; the index instead would
 * bias every volatility by the basis. Expiries without a strike that has both legs are absent.
 */
function forwardsByParity(premiums: readonly Premium[], indexUsd: number): ReadonlyMap<number, number> {
  const forwards = new Map<number, number>();
  for (const [expiry, options] of Map.groupBy(premiums, (one) => one.expiry)) {
    const votes = [...Map.groupBy(options, (one) => one.strike)]
      .toSorted(([a], [b]) => Math.abs(a - indexUsd) - Math.abs(b - indexUsd) || a - b)
      .flatMap(([strike, legs]) => {
        const call = legs.find((one) => one.kind === "call");
        const put = legs.find((one) => one.kind === "put");
        return call === undefined || put === undefined ? [] : [strike + call.premiumUsd - put.premiumUsd];
      });
    if (votes.length > 0) forwards.set(expiry, median(votes.slice(0, VOTERS)));
  }
  return forwards;
}

function openList(body: string, source: string): { readonly list: readonly unknown[] } | { readonly fault: Fault } {
  const opened = openBinance(body, source);
  if ("fault" in opened) return opened;
  if (!Array.isArray(opened.value)) return { fault: fault("SCHEMA", source, "expected a list at the top") };
  return opened.value.length > 0 ? { list: opened.value } : { fault: fault("EMPTY", source, "the list is empty") };
}

function openIndex(body: string, source: string): { readonly data: z.infer<typeof Index> } | { readonly fault: Fault } {
  const opened = openBinance(body, source);
  return "fault" in opened ? opened : parseShape(opened.value, Index, source, "index field ");
}

/**
 * The value of a Binance answer, which has no envelope, or the fault that cost it: one of `parseJson`, VENUE_ERROR for
 * the error object `{ code, msg }`.
 * @example openBinance('{"code":-1003,"msg":"Too many requests."}', "binance:ETH:options") // VENUE_ERROR
 */
export function openBinance(body: string, source: string): { readonly value: unknown } | { readonly fault: Fault } {
  const json = parseJson(body, source);
  if ("fault" in json) return json;
  const { value } = json;
  if (typeof value === "object" && value !== null && "code" in value && "msg" in value) {
    return { fault: fault("VENUE_ERROR", source, `code ${value.code}: ${value.msg}`.slice(0, 200)) };
  }
  return json;
}

const Book = z.object({ lastUpdateId: z.number().int(), bids: z.array(z.unknown()), asks: z.array(z.unknown()) });
const Time = z.object({ serverTime: z.number() });

/**
 * The book in the bodies of `api/v3/time` and `api/v3/depth`, [price, size in base] a level, with its update id and time: a
 * fault of `openBinance`, SCHEMA, NOT_FINITE, or those of `judgeBook`.
 */
export function parseBinanceBook(
  bodies: { readonly time: string; readonly depth: string },
  source: string,
  market: string,
): { readonly observed: Observed<OrderBook>; readonly updateId: number; readonly timeMs: number } {
  const failed = (why: Fault) => ({ observed: refused(why), updateId: 0, timeMs: 0 });
  const clock = openBinance(bodies.time, source);
  if ("fault" in clock) return failed(clock.fault);
  const opened = openBinance(bodies.depth, source);
  if ("fault" in opened) return failed(opened.fault);
  const time = parseShape(clock.value, Time, source);
  if ("fault" in time) return failed(time.fault);
  const book = parseShape(opened.value, Book, source);
  if ("fault" in book) return failed(book.fault);
  const { bids, asks, lastUpdateId } = book.data;
  const timeMs = time.data.serverTime;
  return { observed: judgeBook({ source, market, timeMs, bids, asks }, TEXT_LEVEL), updateId: lastUpdateId, timeMs };
}

const Info = z.object({ optionSymbols: z.array(z.unknown()) });
const Contract = z.object({
  symbol: z.string(),
  side: z.enum(["CALL", "PUT"]),
  strikePrice: decimal,
  /** Milliseconds. */
  expiryDate: z.number(),
  /** Coins of one contract. */
  unit: z.number(),
  quoteAsset: z.literal("USDT"),
});

/** Symbols of the contracts whose premium is that of one coin, and whose listing agrees with their name. */
export type Contracts = ReadonlySet<string>;

/**
 * The contracts in the body of `eapi/v1/exchangeInfo` that can be read. INCONSISTENT and left out: one whose expiry, strike
 * or side is not what its name says, rows of another shape, repeats that differ. Left out too, one of more or less than one
 * coin (never BTC and ETH): the documentation does not say whether its premium is per contract or per coin.
 * @example parseContracts(body, "binance:ETH:options").contracts?.has("ETH-260227-3000-C") // true
 */
export function parseContracts(
  body: string,
  source: string,
): { readonly contracts: Contracts | null; readonly faults: readonly Fault[] } {
  const opened = openBinance(body, source);
  if ("fault" in opened) return { contracts: null, faults: [opened.fault] };
  const parsed = parseShape(opened.value, Info, source);
  if ("fault" in parsed) return { contracts: null, faults: [parsed.fault] };
  const log = faultLog(source);
  const rows = readRows(parsed.data.optionSymbols, Contract, "contract", log).filter((row) => isItself(row, log));
  const once = withoutRepeats(rows, (row) => ({ key: row.symbol, text: JSON.stringify(row) }), log);
  if (once.length === 0) return { contracts: null, faults: [fault("EMPTY", source, "no contract"), ...log.faults()] };
  return { contracts: new Set(once.filter((row) => row.unit === 1).map((row) => row.symbol)), faults: log.faults() };
}

function isItself(row: z.infer<typeof Contract>, log: FaultLog): boolean {
  const named = binanceOption(row.symbol);
  if (named === null) {
    log.add("SCHEMA", "symbol is not an option's", row.symbol);
    return false;
  }
  const same =
    named.expiry * 1000 === row.expiryDate &&
    named.strike === row.strikePrice &&
    named.kind === (row.side === "CALL" ? "call" : "put");
  if (!same) log.add("INCONSISTENT", "a contract's expiry, strike or side is not what its name says", row.symbol);
  return same;
}

/** The body of `api/v3/klines`, oldest first: [ms, open, high, low, close, volume in base, ...]. */
export function parseBinanceCandles(body: string, source: string, interval: number, now: number): Page<Candle> {
  const opened = openBinance(body, source);
  if ("fault" in opened) return failedPage(opened.fault);
  const parsed = parseShape(opened.value, z.array(z.unknown()), source);
  return "fault" in parsed ? failedPage(parsed.fault) : textCandles(parsed.data, source, interval, now);
}

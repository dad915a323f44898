import { z } from "zod";
import { TonsorError } from "../domain/errors.ts";
import { type FaultCode, type FaultLog, fault, faultLog } from "../domain/fault.ts";
import { percent, shortPercent } from "../domain/format.ts";
import { median } from "../domain/numbers.ts";
import type { BookLevel, Observed, OptionBoard, OptionQuote, OrderBook } from "../domain/observation.ts";
import {
  type BoardDialect,
  contractFinding,
  type QuoteFinding,
  type SentQuote,
  sentFinding,
  unitFinding,
} from "../domain/quoteRules.ts";
import { decimal, readRows, refused, withoutRepeats } from "./parse.ts";

/**
 * The options board made of what a venue sent, the same judgement for every venue (`domain/quoteRules.ts`), at the parse because
 * the details of faults are in the venue's own words and evidence stores the board that is left.
 *
 * A bad record is dropped and counted under its fault: SCHEMA (no option's name), NOT_POSITIVE (mark, forward, index, IV,
 * a price below zero), CROSSED, DUPLICATE (equal copies keep one; copies that differ keep none), UNIT_SUSPECT (mark IV
 * outside 0.1 to 1000 %), BELOW_INTRINSIC (the mark), INCONSISTENT (other currency, expired when written, a price above the
 * option's largest value, a forward far from the index, a time far from the others). The whole board fails as EMPTY, or as
 * UNIT_SUSPECT when the median mark IV lies outside [0.05, 5] as a fraction or the times are not milliseconds.
 * `eventTime` is the oldest record's, in Unix seconds; age is not judged here.
 */
export function judgeBoard(
  sent: readonly SentQuote[],
  { source, currency }: { readonly source: string; readonly currency: string },
  dialect: BoardDialect,
  log: FaultLog,
): Observed<OptionBoard> {
  const failed = (code: FaultCode, detail: string) => refused(fault(code, source, detail), log.faults());
  if (sent.length === 0) return failed("EMPTY", "no usable record");
  const medianMs = median(sent.map((one) => one.timeMs));
  const vols = sent.flatMap((one) => (one.markIv === null ? [] : [one.markIv / dialect.ivDivisor]));
  const suspect = unitFinding(medianMs, vols.length === 0 ? null : median(vols), dialect);
  if (suspect !== null) return failed(...suspect);

  /** True when nothing was found; else counted. */
  const passes = (finding: QuoteFinding | null, name: string): boolean => {
    if (finding !== null) log.add(finding[0], finding[1], name);
    return finding === null;
  };
  const kept = sent
    .filter((one) => passes(sentFinding(one, medianMs, dialect), one.name))
    .flatMap((one) => {
      const { instrument, name } = one;
      if (instrument === null) {
        passes(["SCHEMA", `${dialect.fields.name} is not an option's`], name);
        return [];
      }
      if (!passes(contractFinding(one, instrument, currency, dialect), name)) return [];
      passes(zeroFinding(one, dialect), name);
      const { expiry, strike, kind } = instrument;
      return [{ quote: quoteOf(one, { expiry, strike, kind }, dialect), timeMs: one.timeMs, indexUsd: one.indexUsd }];
    });
  const rows = withoutRepeats(kept, ({ quote }) => ({ key: quote.instrument, text: JSON.stringify(quote) }), log);
  if (rows.length === 0) return failed("EMPTY", "no usable record");
  const observation: OptionBoard = {
    kind: "optionBoard",
    source,
    currency,
    eventTime: Math.floor(Math.min(...rows.map((row) => row.timeMs)) / 1000),
    indexUsd: median(rows.map((row) => row.indexUsd)),
    quotes: rows.map((row) => row.quote),
  };
  return { source, observation, faults: log.faults() };
}

/** A zero price where the venue does not document what it means; the quote is kept, with none in its place. */
function zeroFinding({ bidCoin, askCoin }: SentQuote, { zeroMeansNone, fields }: BoardDialect): QuoteFinding | null {
  if (zeroMeansNone || (bidCoin !== 0 && askCoin !== 0)) return null;
  return ["NOT_POSITIVE", `zero ${fields.bid} or ${fields.ask} read as none`];
}

function quoteOf(
  { name, bidCoin, askCoin, markCoin, markIv, forwardUsd, openInterest }: SentQuote,
  contract: Pick<OptionQuote, "expiry" | "strike" | "kind">,
  { ivDivisor }: BoardDialect,
): OptionQuote {
  return {
    instrument: name,
    ...contract,
    bidCoin: bidCoin || null,
    askCoin: askCoin || null,
    markCoin,
    markIv: markIv === null ? null : markIv / ivDivisor,
    forwardUsd,
    openInterest,
  };
}

/** A book as sent: levels unchecked, the time in milliseconds. */
type SentBook = {
  readonly source: string;
  readonly market: string;
  readonly timeMs: number;
  readonly bids: readonly unknown[];
  readonly asks: readonly unknown[];
};

/** A level as the venue sends it: decimal text at OKX, Bybit and Binance, JSON numbers at Deribit; more may follow. */
export const TEXT_LEVEL = z.tuple([decimal, decimal]).rest(z.unknown());
export const NUMBER_LEVEL = z.tuple([z.number(), z.number()]).rest(z.unknown());

const MIN_LEVELS = 5;
/** Half a day of the busiest market in one order: a size in another unit. */
const MAX_LEVEL_QUOTE = 1e9;
/** Between best bid and best ask, over their middle. The markets read here show a hundredth of it. */
const MAX_SPREAD = 0.02;

/**
 * The order book made of what a venue sent, the same judgement for every venue. A bad level is dropped and counted: SCHEMA,
 * NOT_FINITE, NOT_POSITIVE, UNIT_SUSPECT (worth more than 10^9 quote). Depth that is too large would loosen, so a book whose
 * parts contradict each other is refused as a whole: OUT_OF_ORDER or DUPLICATE prices, CROSSED, WIDE (spread above 2 %),
 * TOO_FEW (under five levels a side), UNIT_SUSPECT (the time is not in milliseconds). Age is not judged here.
 * @param sizeInBase base of a level from its price and size: `(price, size) => size / price` where sizes are in dollars
 */
export function judgeBook(
  sent: SentBook,
  level: typeof TEXT_LEVEL | typeof NUMBER_LEVEL,
  sizeInBase: (price: number, size: number) => number = (_, size) => size,
): Observed<OrderBook> {
  const { source, market, timeMs } = sent;
  const log = faultLog(source);
  const read = (side: "bids" | "asks") =>
    readRows(sent[side], level, side, log)
      .map(([price, size]): BookLevel => [price, sizeInBase(price, size)])
      .filter((one) => isSound(one, side, log));
  const bids = read("bids");
  const asks = read("asks");
  const found =
    timeProblem(timeMs) ?? orderProblem("bids", bids, -1) ?? orderProblem("asks", asks, 1) ?? topProblem(bids, asks);
  if (found !== null) return refused(fault(found[0], source, found[1]), log.faults());
  const eventTime = Math.floor(timeMs / 1000);
  return { source, observation: { kind: "orderBook", source, market, eventTime, bids, asks }, faults: log.faults() };
}

/**
 * The market's name if it is one whose sizes the venue's adapter can read.
 * @throws TonsorError BAD_ARGUMENT with what is expected
 */
export function marketName(venue: string, market: string, pattern: RegExp, expected: string): string {
  if (pattern.test(market)) return market;
  throw new TonsorError("BAD_ARGUMENT", `no such market of ${venue}`, { field: "market", given: market, expected });
}

type Finding = readonly [code: FaultCode, detail: string] | null;

function isSound([price, size]: BookLevel, side: string, log: FaultLog): boolean {
  const drop = (code: FaultCode, what: string) => {
    log.add(code, what, `${side} ${price} x ${size}`);
    return false;
  };
  if (!(price > 0 && size > 0)) return drop("NOT_POSITIVE", "a price or size zero or less");
  if (!(price * size <= MAX_LEVEL_QUOTE)) return drop("UNIT_SUSPECT", "a level worth more than 1e9");
  return true;
}

function timeProblem(timeMs: number): Finding {
  return timeMs >= 1e12 && timeMs < 1e14 ? null : ["UNIT_SUSPECT", `time ${timeMs}, expected milliseconds`];
}

function orderProblem(side: string, levels: readonly BookLevel[], sign: 1 | -1): Finding {
  if (levels.length < MIN_LEVELS) return ["TOO_FEW", `${levels.length} usable ${side}, at least ${MIN_LEVELS} needed`];
  for (const [at, [price]] of levels.entries()) {
    const before = levels[at - 1]?.[0];
    if (before === undefined || sign * (price - before) > 0) continue;
    return [price === before ? "DUPLICATE" : "OUT_OF_ORDER", `${side}: ${price} after ${before}`];
  }
  return null;
}

function topProblem(bids: readonly BookLevel[], asks: readonly BookLevel[]): Finding {
  const bid = bids[0]?.[0] ?? Number.NaN;
  const ask = asks[0]?.[0] ?? Number.NaN;
  if (!(bid < ask)) return ["CROSSED", `best bid ${bid}, best ask ${ask}`];
  const spread = (2 * (ask - bid)) / (ask + bid);
  return spread > MAX_SPREAD ? ["WIDE", `spread ${percent(spread)}, limit ${shortPercent(MAX_SPREAD)}`] : null;
}

import { z } from "zod";
import { fault } from "../../domain/fault.ts";
import type { Observed, OrderBook } from "../../domain/observation.ts";
import { judgeBook, TEXT_LEVEL } from "../books/judgeBook.ts";
import { marketName } from "../books/marketName.ts";
import type { BookVenue } from "../bookVenue.ts";
import { askBybit } from "../bybit/connection.ts";
import { openBybit } from "../bybit/envelope.ts";
import { firstIssue } from "../issue.ts";

const BASE_URL = "https://api.bybit.com/v5";
/** The most one request of a spot book gives. */
const LEVELS = 200;
const SPOT = /^[A-Z0-9]+(?:USDT|USDC)$/;

/** `s` is the symbol, `b` bids, `a` asks, `ts` when the system made it, milliseconds. */
const Book = z.object({ s: z.string(), b: z.array(z.unknown()), a: z.array(z.unknown()), ts: z.number() });

/**
 * Bybit's order books of spot markets, `market/orderbook`: 200 levels a side, [price, size in base].
 * @example await bybitBooks.connect().readOrderBook("ETHUSDT")
 */
export const bybitBooks: BookVenue = {
  id: "bybit",
  baseUrl: BASE_URL,
  connect(settings = {}) {
    const ask = askBybit(settings.baseUrl ?? BASE_URL, settings);
    return {
      async readOrderBook(market, signal) {
        const symbol = marketName("bybit", market, SPOT, 'a spot pair in USDT or USDC such as "ETHUSDT"');
        const source = `bybit:${market}:book`;
        const answer = await ask("market/orderbook", { category: "spot", symbol, limit: LEVELS }, source, signal);
        if ("fault" in answer) return { source, observation: null, faults: [answer.fault] };
        return parseBybitBook(answer.body, source, market);
      },
    };
  },
};

/** The book in the body of `market/orderbook`: a fault of `openBybit`, SCHEMA, NOT_FINITE, INCONSISTENT (another market's), or those of `judgeBook`. */
export function parseBybitBook(body: string, source: string, market: string): Observed<OrderBook> {
  const opened = openBybit(body, source);
  if ("fault" in opened) return { source, observation: null, faults: [opened.fault] };
  const parsed = Book.safeParse(opened.result);
  if (!parsed.success) {
    const issue = firstIssue(opened.result, parsed.error);
    return { source, observation: null, faults: [fault(issue.code, source, `field ${issue.field}: ${issue.problem}`)] };
  }
  const { s, b, a, ts } = parsed.data;
  if (s !== market) {
    return { source, observation: null, faults: [fault("INCONSISTENT", source, `book of ${s.slice(0, 40)}`)] };
  }
  return judgeBook({ source, market, timeMs: ts, bids: b, asks: a }, TEXT_LEVEL);
}

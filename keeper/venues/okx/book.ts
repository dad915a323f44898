import { z } from "zod";
import { fault } from "../../domain/fault.ts";
import type { Observed, OrderBook } from "../../domain/observation.ts";
import { judgeBook, TEXT_LEVEL } from "../books/judgeBook.ts";
import { marketName } from "../books/marketName.ts";
import type { BookVenue } from "../bookVenue.ts";
import { decimal, firstIssue } from "../issue.ts";
import { askOkx } from "../okx/connection.ts";
import { openOkx } from "../okx/envelope.ts";

const BASE_URL = "https://www.okx.com/api/v5";
/** The most one request gives. */
const LEVELS = 400;
/** Spot only: swaps and futures count in contracts. */
const SPOT = /^[A-Z0-9]+-[A-Z0-9]+$/;

const Book = z.object({ bids: z.array(z.unknown()), asks: z.array(z.unknown()), ts: decimal });

/**
 * OKX's order books of spot markets, `market/books`: 400 levels a side, [price, size in base, "0", orders].
 * @example await okxBooks.connect().readOrderBook("ETH-USDT")
 */
export const okxBooks: BookVenue = {
  id: "okx",
  baseUrl: BASE_URL,
  connect(settings = {}) {
    const ask = askOkx(settings.baseUrl ?? BASE_URL, settings);
    return {
      async readOrderBook(market, signal) {
        const instId = marketName("okx", market, SPOT, 'a spot pair such as "ETH-USDT"');
        const source = `okx:${market}:book`;
        const answer = await ask("market/books", { instId, sz: LEVELS }, source, signal);
        if ("fault" in answer) return { source, observation: null, faults: [answer.fault] };
        return parseOkxBook(answer.body, source, market);
      },
    };
  },
};

/** The book in the body of `market/books`: a fault of `openOkx`, SCHEMA, NOT_FINITE, or those of `judgeBook`. */
export function parseOkxBook(body: string, source: string, market: string): Observed<OrderBook> {
  const opened = openOkx(body, source);
  if ("fault" in opened) return { source, observation: null, faults: [opened.fault] };
  const [first] = opened.data;
  const parsed = Book.safeParse(first);
  if (!parsed.success) {
    const issue = firstIssue(first, parsed.error);
    return { source, observation: null, faults: [fault(issue.code, source, `field ${issue.field}: ${issue.problem}`)] };
  }
  const { bids, asks, ts } = parsed.data;
  return judgeBook({ source, market, timeMs: ts, bids, asks }, TEXT_LEVEL);
}

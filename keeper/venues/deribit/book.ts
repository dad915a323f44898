import { z } from "zod";
import { fault } from "../../domain/fault.ts";
import type { Observed, OrderBook } from "../../domain/observation.ts";
import { judgeBook, NUMBER_LEVEL } from "../books/judgeBook.ts";
import { marketName } from "../books/marketName.ts";
import type { BookVenue } from "../bookVenue.ts";
import { askDeribit } from "../deribit/connection.ts";
import { openEnvelope } from "../deribit/envelope.ts";
import { firstIssue } from "../issue.ts";

const BASE_URL = "https://www.deribit.com/api/v2";
const LEVELS = 1000;
/** "ETH-PERPETUAL" counts in dollars; "ETH_USDC" (spot) and "ETH_USDC-PERPETUAL" count in coin. */
const MARKET = /^(?:[A-Z0-9]+-PERPETUAL|[A-Z0-9]+_USD[CT](?:-PERPETUAL)?)$/;
const INVERSE = /^[A-Z0-9]+-PERPETUAL$/;

const Book = z.object({
  instrument_name: z.string(),
  bids: z.array(z.unknown()),
  asks: z.array(z.unknown()),
  timestamp: z.number(),
  state: z.string(),
});

/**
 * Deribit's order books, `public/get_order_book`: 1000 levels a side, [price, amount]. The amount of an inverse perpetual
 * is in dollars and becomes coin at the level's own price.
 * @example await deribitBooks.connect().readOrderBook("ETH-PERPETUAL")
 */
export const deribitBooks: BookVenue = {
  id: "deribit",
  baseUrl: BASE_URL,
  connect(settings = {}) {
    const ask = askDeribit(settings.baseUrl ?? BASE_URL, settings);
    return {
      async readOrderBook(market, signal) {
        const expected = '"ETH-PERPETUAL", "ETH_USDC" or "ETH_USDC-PERPETUAL"';
        const instrument_name = marketName("deribit", market, MARKET, expected);
        const source = `deribit:${market}:book`;
        const answer = await ask("get_order_book", { instrument_name, depth: LEVELS }, source, signal);
        if ("fault" in answer) return { source, observation: null, faults: [answer.fault] };
        return parseDeribitBook(answer.body, source, market);
      },
    };
  },
};

/** The book in the body of `get_order_book`: a fault of `openEnvelope`, SCHEMA, NOT_FINITE, INCONSISTENT (another market's, or closed), or those of `judgeBook`. */
export function parseDeribitBook(body: string, source: string, market: string): Observed<OrderBook> {
  const opened = openEnvelope(body, source);
  if ("fault" in opened) return { source, observation: null, faults: [opened.fault] };
  const parsed = Book.safeParse(opened.result);
  if (!parsed.success) {
    const issue = firstIssue(opened.result, parsed.error);
    return { source, observation: null, faults: [fault(issue.code, source, `field ${issue.field}: ${issue.problem}`)] };
  }
  const { instrument_name: name, state, timestamp, bids, asks } = parsed.data;
  if (name !== market || state !== "open") {
    const detail = `book of ${name.slice(0, 40)} in state ${state.slice(0, 20)}, expected ${market} open`;
    return { source, observation: null, faults: [fault("INCONSISTENT", source, detail)] };
  }
  const inCoin = INVERSE.test(market) ? (price: number, size: number) => size / price : undefined;
  return judgeBook({ source, market, timeMs: timestamp, bids, asks }, NUMBER_LEVEL, inCoin);
}

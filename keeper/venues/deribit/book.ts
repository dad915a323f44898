import { z } from "zod";
import { fault } from "../../domain/fault.ts";
import type { Observed, OrderBook } from "../../domain/observation.ts";
import { judgeBook, NUMBER_LEVEL } from "../judge.ts";
import { parseShape, refused } from "../parse.ts";
import { openDeribit } from "./board.ts";

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

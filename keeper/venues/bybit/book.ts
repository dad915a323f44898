import { z } from "zod";
import { fault } from "../../domain/fault.ts";
import type { Observed, OrderBook } from "../../domain/observation.ts";
import { judgeBook, TEXT_LEVEL } from "../judge.ts";
import { parseShape, refused } from "../parse.ts";
import { openBybit } from "./board.ts";

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

import { z } from "zod";
import type { Observed, OrderBook } from "../../domain/observation.ts";
import { judgeBook, TEXT_LEVEL } from "../judge.ts";
import { decimal, parseShape, refused } from "../parse.ts";
import { openOkx } from "./board.ts";

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

import { z } from "zod";
import type { Observed, OrderBook } from "../../../keeper/domain/observation.ts";
import { judgeBook, NUMBER_LEVEL } from "../../../keeper/venues/judge.ts";
import { parseShape, refused } from "../../../keeper/venues/parse.ts";
import { openToy } from "./board.ts";

const Book = z.object({ time: z.number(), bids: z.array(z.unknown()), asks: z.array(z.unknown()) });

/** The book in the body of `book`: [price, size in coin] a level. */
export function parseToyBook(body: string, source: string, market: string): Observed<OrderBook> {
  const opened = openToy(body, source);
  if ("fault" in opened) return refused(opened.fault);
  const parsed = parseShape(opened.data, Book, source);
  if ("fault" in parsed) return refused(parsed.fault);
  const { time: timeMs, bids, asks } = parsed.data;
  return judgeBook({ source, market, timeMs, bids, asks }, NUMBER_LEVEL);
}

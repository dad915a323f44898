import { z } from "zod";
import type { Fault } from "../../domain/fault.ts";
import type { Observed, OrderBook } from "../../domain/observation.ts";
import { judgeBook, TEXT_LEVEL } from "../judge.ts";
import { parseShape, refused } from "../parse.ts";
import { openBinance } from "./board.ts";

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

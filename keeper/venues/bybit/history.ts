import { z } from "zod";
import { fault } from "../../domain/fault.ts";
import type { Candle } from "../../domain/observation.ts";
import { failedPage, type Page, textCandles } from "../candles.ts";
import { parseShape } from "../parse.ts";
import { openBybit } from "./board.ts";

const Result = z.object({ category: z.string(), list: z.array(z.unknown()) });

/** The body of `market/kline`, newest first: [ms, open, high, low, close, volume in base, turnover]. */
export function parseBybitCandles(body: string, source: string, interval: number, now: number): Page<Candle> {
  const opened = openBybit(body, source);
  if ("fault" in opened) return failedPage(opened.fault);
  const parsed = parseShape(opened.result, Result, source, "field result.");
  if ("fault" in parsed) return failedPage(parsed.fault);
  const { category, list } = parsed.data;
  if (category === "spot") return textCandles(list, source, interval, now);
  return failedPage(fault("SCHEMA", source, `category ${category.slice(0, 20)}, expected spot`));
}

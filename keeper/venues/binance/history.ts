import { z } from "zod";
import type { Candle } from "../../domain/observation.ts";
import { failedPage, type Page, textCandles } from "../candles.ts";
import { parseShape } from "../parse.ts";
import { openBinance } from "./board.ts";

/** The body of `api/v3/klines`, oldest first: [ms, open, high, low, close, volume in base, ...]. */
export function parseBinanceCandles(body: string, source: string, interval: number, now: number): Page<Candle> {
  const opened = openBinance(body, source);
  if ("fault" in opened) return failedPage(opened.fault);
  const parsed = parseShape(opened.value, z.array(z.unknown()), source);
  return "fault" in parsed ? failedPage(parsed.fault) : textCandles(parsed.data, source, interval, now);
}

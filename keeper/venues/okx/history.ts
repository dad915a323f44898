import type { Candle } from "../../domain/observation.ts";
import { failedPage, type Page, textCandles } from "../candles.ts";
import { openOkx } from "./board.ts";

/** The body of `market/history-candles`, newest first: [ms, open, high, low, close, volume in base, ...]. */
export function parseOkxCandles(body: string, source: string, interval: number, now: number): Page<Candle> {
  const opened = openOkx(body, source);
  return "fault" in opened ? failedPage(opened.fault) : textCandles(opened.data, source, interval, now);
}

import { z } from "zod";
import { type Fault, fault } from "../../domain/fault.ts";
import { type FaultLog, faultLog } from "../../domain/faultLog.ts";
import type { Candle } from "../../domain/observation.ts";
import { firstIssue } from "../issue.ts";
import { closedRows, type Row } from "./closedRows.ts";
import { openEnvelope } from "./envelope.ts";

const Numbers = z.array(z.unknown());
/** Parallel lists; `ticks` are bar starts in milliseconds, prices in USD, `volume` in base units. */
const Result = z.object({
  status: z.string(),
  ticks: Numbers,
  open: Numbers,
  high: Numbers,
  low: Numbers,
  close: Numbers,
  volume: Numbers,
});
const Bar = z.object({
  ticks: z.number(),
  open: z.number(),
  high: z.number(),
  low: z.number(),
  close: z.number(),
  volume: z.number(),
});
const COLUMNS = ["ticks", "open", "high", "low", "close", "volume"] as const;

/** One page of candles, closed ones only, oldest first. */
type CandlePage = {
  readonly candles: readonly Candle[];
  readonly faults: readonly Fault[];
  /** True when the answer as a whole was refused: `candles` is then empty, and `faults` starts with the reason. */
  readonly failed: boolean;
};

/**
 * One page of `public/get_tradingview_chart_data`. An answer of status "no_data" is an empty page without a fault.
 * Bars are dropped and counted: SCHEMA, NOT_FINITE, NOT_POSITIVE (a price zero or less, a volume below zero),
 * INCONSISTENT (open or close outside low to high), and the faults of `closedRows`. The answer fails with a fault of
 * `openEnvelope`, SCHEMA, or INCONSISTENT when its lists differ in length.
 * @param interval length of a bar, seconds
 * @param now Unix seconds
 * @example parseCandles(body, "deribit:ETH-PERPETUAL:history", 3600, now).candles[0] // [1769572800, 3011.2, ...]
 */
export function parseCandles(body: string, source: string, interval: number, now: number): CandlePage {
  const failed = (why: Fault): CandlePage => ({ candles: [], faults: [why], failed: true });
  const opened = openEnvelope(body, source);
  if ("fault" in opened) return failed(opened.fault);
  const parsed = Result.safeParse(opened.result);
  if (!parsed.success) {
    const issue = firstIssue(opened.result, parsed.error);
    return failed(fault(issue.code, source, `field result.${issue.field}: ${issue.problem}`));
  }
  const result = parsed.data;
  if (result.status !== "ok" && result.status !== "no_data") {
    return failed(fault("SCHEMA", source, 'field result.status: expected "ok" or "no_data"'));
  }
  const length = result.ticks.length;
  const uneven = COLUMNS.find((column) => result[column].length !== length);
  if (uneven !== undefined) {
    const detail = `field ${uneven} has ${result[uneven].length} entries, ticks ${length}`;
    return failed(fault("INCONSISTENT", source, detail));
  }
  const log = faultLog(source);
  const rows = result.ticks.flatMap((_, at) => readBar(result, at, log)).filter((row) => isSound(row, log));
  const candles = closedRows(rows, interval, now, log).map((row) => {
    const [open = 0, high = 0, low = 0, close = 0, volume = 0] = row.values;
    return [row.time, open, high, low, close, volume] as const;
  });
  return { candles, faults: log.faults(), failed: false };
}

/** Whether open, high, low, close and volume are what a bar of this page may hold. @example isSoundBar([1, 2, 1, 2, 0]) // true */
export function isSoundBar(values: readonly number[]): boolean {
  return isSound({ time: 0, values }, faultLog(""));
}

function readBar(result: z.infer<typeof Result>, at: number, log: FaultLog): readonly Row[] {
  const value = Object.fromEntries(COLUMNS.map((column) => [column, result[column][at]]));
  const parsed = Bar.safeParse(value);
  if (!parsed.success) {
    const issue = firstIssue(value, parsed.error);
    log.add(issue.code, `field ${issue.field}: ${issue.problem}`, `bar ${at}`);
    return [];
  }
  const { ticks, open, high, low, close, volume } = parsed.data;
  return [{ time: ticks / 1000, values: [open, high, low, close, volume] }];
}

function isSound(row: Row, log: FaultLog): boolean {
  const [open = 0, high = 0, low = 0, close = 0, volume = 0] = row.values;
  const at = `bar ${row.time}`;
  if (!(Math.min(open, high, low, close) > 0)) {
    log.add("NOT_POSITIVE", "a price zero or less", at);
    return false;
  }
  if (volume < 0) {
    log.add("NOT_POSITIVE", "volume below zero", at);
    return false;
  }
  if (low > Math.min(open, close) || high < Math.max(open, close)) {
    log.add("INCONSISTENT", "open or close outside low to high", at);
    return false;
  }
  return true;
}

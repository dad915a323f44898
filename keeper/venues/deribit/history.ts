import { z } from "zod";
import { type Fault, type FaultLog, fault, faultLog } from "../../domain/fault.ts";
import { median } from "../../domain/numbers.ts";
import type { Candle } from "../../domain/observation.ts";
import { candlesOf, failedPage, type Page } from "../candles.ts";
import { parseShape, readRows } from "../parse.ts";
import { barProblem, closedRows, type Row } from "../series.ts";
import { openDeribit } from "./board.ts";

const Numbers = z.array(z.unknown());
/** Parallel lists; `ticks` are bar starts in milliseconds, prices in USD, `volume` in base units. */
const Chart = z.object({
  status: z.string(),
  ticks: Numbers,
  open: Numbers,
  high: Numbers,
  low: Numbers,
  close: Numbers,
  volume: Numbers,
});
const COLUMNS = ["ticks", "open", "high", "low", "close", "volume"] as const;
const ChartBar = z.object({
  ticks: z.number(),
  open: z.number(),
  high: z.number(),
  low: z.number(),
  close: z.number(),
  volume: z.number(),
});

/**
 * One page of `public/get_tradingview_chart_data`. An answer of status "no_data" is an empty page without a fault.
 * Bars are dropped and counted: SCHEMA, NOT_FINITE, and the faults of `barProblem` and `closedRows`. The answer fails with
 * a fault of `openDeribit`, SCHEMA, or INCONSISTENT when its lists differ in length.
 * @example parseCandles(body, "deribit:ETH-PERPETUAL:history", 3600, now).points[0] // [1769572800, 3011.2, ...]
 */
export function parseCandles(body: string, source: string, interval: number, now: number): Page<Candle> {
  const opened = openDeribit(body, source);
  if ("fault" in opened) return failedPage(opened.fault);
  const parsed = parseShape(opened.result, Chart, source, "field result.");
  if ("fault" in parsed) return failedPage(parsed.fault);
  const chart = parsed.data;
  if (chart.status !== "ok" && chart.status !== "no_data") {
    return failedPage(fault("SCHEMA", source, 'field result.status: expected "ok" or "no_data"'));
  }
  const length = chart.ticks.length;
  const uneven = COLUMNS.find((column) => chart[column].length !== length);
  if (uneven !== undefined) {
    const detail = `field ${uneven} has ${chart[uneven].length} entries, ticks ${length}`;
    return failedPage(fault("INCONSISTENT", source, detail));
  }
  const log = faultLog(source);
  const bars = chart.ticks.map((_, at) => Object.fromEntries(COLUMNS.map((column) => [column, chart[column][at]])));
  const rows = readRows(bars, ChartBar, "bar", log, "field ").map(({ ticks, open, high, low, close, volume }) =>
    row(ticks, [open, high, low, close, volume]),
  );
  return { points: candlesOf(rows, interval, now, log), faults: log.faults(), failed: false };
}

/** `data` rows are [start ms, open, high, low, close], the index in percent a year. */
const IndexPage = z.object({ data: z.array(z.unknown()), continuation: z.number().nullish() });
const IndexBar = z.tuple([z.number(), z.number(), z.number(), z.number(), z.number()]).rest(z.unknown());

/** Median close of an index as a fraction; outside, the unit is in doubt. DVOL has been in 0.3 to 1.7 since 2021. */
const MEDIAN_VOL = { min: 0.05, max: 5 };
const MAX_VOL = { value: 10, words: "1000 %" };

/** Close time in Unix seconds, close as a fraction a year. */
export type IndexPoint = readonly [time: number, vol: number];

/**
 * One page of `public/get_volatility_index_data`, and where the next, older page ends (milliseconds; null: no more).
 * Bars are dropped and counted: SCHEMA, NOT_FINITE, UNIT_SUSPECT (above 1000 %), and the faults of `barProblem` and
 * `closedRows`. The answer fails with a fault of `openDeribit`, SCHEMA, or UNIT_SUSPECT when the median close lies
 * outside [0.05, 5] as a fraction.
 * @example parseVolatilityIndex(body, "deribit:ETH:index", 3600, 1769572847).points.at(-1) // [1769572800, 0.5312]
 */
export function parseVolatilityIndex(
  body: string,
  source: string,
  interval: number,
  now: number,
): Page<IndexPoint> & { readonly continuation: number | null } {
  const refusal = (why: Fault, more?: readonly Fault[]) => ({ ...failedPage(why, more), continuation: null });
  const opened = openDeribit(body, source);
  if ("fault" in opened) return refusal(opened.fault);
  const parsed = parseShape(opened.result, IndexPage, source, "field result.");
  if ("fault" in parsed) return refusal(parsed.fault);
  const log = faultLog(source);
  const rows = readRows(parsed.data.data, IndexBar, "bar", log, "field data.").map(([ms, ...percents]) =>
    row(
      ms,
      percents.slice(0, 4).map((percent) => Number(percent) / 100),
    ),
  );
  const middle = median(rows.map(({ values }) => values[3] ?? Number.NaN));
  if (rows.length > 0 && !(middle >= MEDIAN_VOL.min && middle <= MEDIAN_VOL.max)) {
    return refusal(fault("UNIT_SUSPECT", source, `median close ${middle * 100} %, expected 5 to 500 %`), log.faults());
  }
  const sound = rows.filter(isSound(log, (values) => barProblem(values, "index", MAX_VOL)));
  const closed = closedRows(sound, interval, now, log);
  const points = closed.map(({ time, values }) => [time + interval, values[3] ?? 0] as const);
  return { points, continuation: parsed.data.continuation ?? null, faults: log.faults(), failed: false };
}

function row(ms: number, values: readonly number[]): Row {
  return { time: ms / 1000, values };
}

function isSound(log: FaultLog, problemOf: (values: readonly number[]) => ReturnType<typeof barProblem>) {
  return ({ time, values }: Row): boolean => {
    const problem = problemOf(values);
    if (problem !== null) log.add(...problem, `bar ${time}`);
    return problem === null;
  };
}

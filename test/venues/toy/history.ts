import { z } from "zod";
import { fault, faultLog } from "../../../keeper/domain/fault.ts";
import type { Observed, PriceHistory } from "../../../keeper/domain/observation.ts";
import { parseShape, readRows, refused } from "../../../keeper/venues/parse.ts";
import { barProblem, closedRows } from "../../../keeper/venues/series.ts";
import { openToy } from "./board.ts";

const HOUR = 3_600;
const List = z.array(z.unknown());
/** Start in Unix seconds, open, high, low, close, volume. */
const Bar = z.tuple([z.number(), z.number(), z.number(), z.number(), z.number(), z.number()]);

/** The hourly candles in the body of `candles`; bars that are none are dropped and counted. */
export function parseToyCandles(body: string, source: string, instrument: string, now: number): Observed<PriceHistory> {
  const opened = openToy(body, source);
  if ("fault" in opened) return refused(opened.fault);
  const parsed = parseShape(opened.data, List, source);
  if ("fault" in parsed) return refused(parsed.fault);
  const log = faultLog(source);
  const rows = readRows(parsed.data, Bar, "bar", log).flatMap(([time, ...values]) => {
    const problem = barProblem(values, "a price");
    if (problem !== null) log.add(...problem, `bar ${time}`);
    return problem === null ? [{ time, values }] : [];
  });
  const candles = closedRows(rows, HOUR, now, log).map(({ time, values }) => {
    const [open = 0, high = 0, low = 0, close = 0, volume = 0] = values;
    return [time, open, high, low, close, volume] as const;
  });
  const last = candles.at(-1);
  if (last === undefined) return refused(fault("EMPTY", source, "no closed candle"), log.faults());
  const head = { kind: "priceHistory", source, instrument, intervalSeconds: HOUR, eventTime: last[0] + HOUR } as const;
  return { source, observation: { ...head, candles }, faults: log.faults() };
}

import { z } from "zod";
import { type Fault, fault } from "../../domain/fault.ts";
import { type FaultLog, faultLog } from "../../domain/faultLog.ts";
import { median } from "../../domain/median.ts";
import { firstIssue } from "../issue.ts";
import { closedRows, type Row } from "./closedRows.ts";
import { openEnvelope } from "./envelope.ts";

/** `data` rows are [start ms, open, high, low, close], the index in percent a year. */
const Result = z.object({ data: z.array(z.unknown()), continuation: z.number().nullish() });
const Bar = z.tuple([z.number(), z.number(), z.number(), z.number(), z.number()]).rest(z.unknown());

/** Median close of an index as a fraction; outside, the unit is in doubt. DVOL has lain in 0.3 to 1.7 since 2021. */
const MEDIAN_VOL = { min: 0.05, max: 5 };
const MAX_VOL = 10;

/** One page of an index. `closes` are [close time in Unix seconds, close as a fraction a year], oldest first. */
type IndexPage = {
  readonly closes: readonly (readonly [time: number, vol: number])[];
  /** Where the next, older page ends (milliseconds), or null on the last page. */
  readonly continuation: number | null;
  readonly faults: readonly Fault[];
  /** True when the answer as a whole was refused: `closes` is then empty, and `faults` starts with the reason. */
  readonly failed: boolean;
};

/**
 * One page of `public/get_volatility_index_data`: closed bars only.
 * Bars are dropped and counted: SCHEMA, NOT_FINITE, NOT_POSITIVE, UNIT_SUSPECT (above 1000 %), INCONSISTENT (low above
 * open or close, high below), and the faults of `closedRows`. The answer fails with a fault of `openEnvelope`, SCHEMA, or
 * UNIT_SUSPECT when the median close lies outside [0.05, 5] as a fraction.
 * @param interval length of a bar, seconds
 * @param now Unix seconds
 * @example parseVolatilityIndex(body, "deribit:ETH:index", 3600, 1769572847).closes.at(-1) // [1769572800, 0.5312]
 */
export function parseVolatilityIndex(body: string, source: string, interval: number, now: number): IndexPage {
  const failed = (why: Fault, more: readonly Fault[] = []): IndexPage => ({
    closes: [],
    continuation: null,
    faults: [why, ...more],
    failed: true,
  });
  const opened = openEnvelope(body, source);
  if ("fault" in opened) return failed(opened.fault);
  const parsed = Result.safeParse(opened.result);
  if (!parsed.success) {
    const issue = firstIssue(opened.result, parsed.error);
    return failed(fault(issue.code, source, `field result.${issue.field}: ${issue.problem}`));
  }
  const log = faultLog(source);
  const rows = parsed.data.data.flatMap((value, index) => readBar(value, index, log));
  const middle = median(rows.map((row) => row.values[3] ?? Number.NaN));
  if (rows.length > 0 && !(middle >= MEDIAN_VOL.min && middle <= MEDIAN_VOL.max)) {
    return failed(fault("UNIT_SUSPECT", source, `median close ${middle * 100} %, expected 5 to 500 %`), log.faults());
  }
  const sound = rows.filter((row) => isSound(row, log));
  const closes = closedRows(sound, interval, now, log).map((row) => [row.time + interval, row.values[3] ?? 0] as const);
  return { closes, continuation: parsed.data.continuation ?? null, faults: log.faults(), failed: false };
}

function readBar(value: unknown, index: number, log: FaultLog): readonly Row[] {
  const parsed = Bar.safeParse(value);
  if (!parsed.success) {
    const issue = firstIssue(value, parsed.error);
    log.add(issue.code, `field data.${issue.field}: ${issue.problem}`, `bar ${index}`);
    return [];
  }
  const [ms, open, high, low, close] = parsed.data;
  return [{ time: ms / 1000, values: [open / 100, high / 100, low / 100, close / 100] }];
}

function isSound(row: Row, log: FaultLog): boolean {
  const [open = 0, high = 0, low = 0, close = 0] = row.values;
  const at = `bar ${row.time}`;
  if (!(Math.min(open, high, low, close) > 0)) {
    log.add("NOT_POSITIVE", "index zero or less", at);
    return false;
  }
  if (Math.max(open, high, low, close) > MAX_VOL) {
    log.add("UNIT_SUSPECT", "index above 1000 %", at);
    return false;
  }
  if (low > Math.min(open, close) || high < Math.max(open, close)) {
    log.add("INCONSISTENT", "open or close outside low to high", at);
    return false;
  }
  return true;
}

import { z } from "zod";
import { type Fault, fault } from "../../domain/fault.ts";
import { parseInstrument } from "../../domain/instrument.ts";
import type { Observed, OptionBoard, OptionQuote } from "../../domain/observation.ts";
import { type FaultLog, faultLog } from "../faultLog.ts";
import { openEnvelope } from "./envelope.ts";
import { firstIssue } from "./issue.ts";
import { median } from "./median.ts";

/** The fields read of one record; what else the venue sends is ignored. Prices in coin, `mark_iv` in percent. */
const Record = z.object({
  instrument_name: z.string(),
  base_currency: z.string(),
  bid_price: z.number().nullish(),
  ask_price: z.number().nullish(),
  mark_price: z.number(),
  mark_iv: z.number().nullish(),
  /** Forward of the record's expiry, USD; its name may be synthetic ("SYN.ETH-30JAN26") or "index_price". */
  underlying_price: z.number(),
  /** The spot index, USD. */
  estimated_delivery_price: z.number(),
  open_interest: z.number(),
  /** Milliseconds. */
  creation_timestamp: z.number(),
});
type Record = z.infer<typeof Record>;
type Row = { readonly record: Record; readonly quote: OptionQuote };

/** Records of one answer are written within milliseconds of each other; further apart they are not one board. */
const MAX_RECORD_SPREAD_MS = 60_000;
/** Median mark IV of a board as a fraction. Outside, the unit is in doubt: real boards lie in 0.2 to 3. */
const MEDIAN_IV = { min: 0.05, max: 5 };
/** One record's mark IV, percent. */
const MARK_IV_PERCENT = { min: 0.1, max: 1000 };
/** Forwards of real boards lie within 0.98 to 1.06 of the index. */
const MAX_FORWARD_RATIO = 2;

/**
 * The options board in the body of `public/get_book_summary_by_currency?kind=option`.
 *
 * A bad record is dropped and counted under its fault: SCHEMA, NOT_FINITE, NOT_POSITIVE (mark, forward, index),
 * CROSSED, DUPLICATE (equal copies keep one; copies that differ keep none), UNIT_SUSPECT (mark IV outside 0.1 to 1000 %),
 * INCONSISTENT (other currency, expired when written, a mark above the option's largest value, a forward far from the
 * index, a time far from the others). A zero bid or ask is read as none. The whole answer fails with a fault of
 * `openEnvelope`, SCHEMA, EMPTY, or UNIT_SUSPECT when the median mark IV lies outside [0.05, 5] as a fraction.
 * Age is not judged here: `eventTime` is the oldest record's, in Unix seconds.
 * @example parseBookSummary(body, "deribit:ETH:options", "ETH").observation?.quotes[0]?.markIv // 0.7436, from 74.36 %
 */
export function parseBookSummary(body: string, source: string, currency: string): Observed<OptionBoard> {
  const failed = (why: Fault, more: readonly Fault[] = []) => ({ source, observation: null, faults: [why, ...more] });
  const opened = openEnvelope(body, source);
  if ("fault" in opened) return failed(opened.fault);
  if (!Array.isArray(opened.result)) return failed(fault("SCHEMA", source, "field result: expected a list"));
  if (opened.result.length === 0) return failed(fault("EMPTY", source, "the list of instruments is empty"));

  const log = faultLog(source);
  const records = opened.result.flatMap((value, index) => readRecord(value, index, log));
  const suspect = unitFault(records, source);
  if (suspect !== null) return failed(suspect, log.faults());

  const writtenMs = median(records.map((record) => record.creation_timestamp));
  const rows = records
    .filter((record) => isSound(record, currency, writtenMs, log))
    .flatMap((record) => toRow(record, log));
  const kept = withoutDuplicates(rows, log);
  const oldest = Math.min(...kept.map((row) => row.record.creation_timestamp));
  if (kept.length === 0) return failed(fault("EMPTY", source, "no usable record"), log.faults());
  const observation: OptionBoard = {
    kind: "optionBoard",
    source,
    currency,
    eventTime: Math.floor(oldest / 1000),
    indexUsd: median(kept.map((row) => row.record.estimated_delivery_price)),
    quotes: kept.map((row) => row.quote),
  };
  return { source, observation, faults: log.faults() };
}

function readRecord(value: unknown, index: number, log: FaultLog): readonly Record[] {
  const parsed = Record.safeParse(value);
  if (parsed.success) return [parsed.data];
  const issue = firstIssue(value, parsed.error);
  log.add(issue.code, `field ${issue.field}: ${issue.problem}`, `record ${index}`);
  return [];
}

/** Doubt about a unit concerns the whole answer: one board is written by one program. */
function unitFault(records: readonly Record[], source: string): Fault | null {
  if (records.length === 0) return fault("SCHEMA", source, "no record of the documented shape");
  const time = median(records.map((record) => record.creation_timestamp));
  if (!(time >= 1e12 && time < 1e14)) {
    return fault("UNIT_SUSPECT", source, `median creation_timestamp ${time}, expected milliseconds`);
  }
  const vols = records.flatMap((record) => (typeof record.mark_iv === "number" ? [record.mark_iv / 100] : []));
  if (vols.length === 0) return null;
  const middle = median(vols);
  if (middle >= MEDIAN_IV.min && middle <= MEDIAN_IV.max) return null;
  return fault("UNIT_SUSPECT", source, `median mark_iv ${middle * 100} %, expected 5 to 500 %`);
}

function isSound(record: Record, currency: string, writtenMs: number, log: FaultLog): boolean {
  const drop = (code: "NOT_POSITIVE" | "CROSSED" | "UNIT_SUSPECT" | "INCONSISTENT", what: string) => {
    log.add(code, what, record.instrument_name);
    return false;
  };
  const { bid_price: bid, ask_price: ask, mark_iv: iv } = record;
  if (record.base_currency !== currency) return drop("INCONSISTENT", `base_currency other than ${currency}`);
  if (Math.abs(record.creation_timestamp - writtenMs) > MAX_RECORD_SPREAD_MS) {
    return drop("INCONSISTENT", "creation_timestamp over 60 s from the others");
  }
  if (!(record.mark_price > 0)) return drop("NOT_POSITIVE", "mark_price zero or less");
  if (!(record.underlying_price > 0)) return drop("NOT_POSITIVE", "underlying_price zero or less");
  if (!(record.estimated_delivery_price > 0)) return drop("NOT_POSITIVE", "estimated_delivery_price zero or less");
  if (!(record.open_interest >= 0)) return drop("NOT_POSITIVE", "open_interest below zero");
  if ((bid ?? 0) < 0 || (ask ?? 0) < 0) return drop("NOT_POSITIVE", "bid_price or ask_price below zero");
  if (bid && ask && bid > ask) return drop("CROSSED", "bid_price above ask_price");
  if (typeof iv === "number" && !(iv > 0)) return drop("NOT_POSITIVE", "mark_iv zero or less");
  if (typeof iv === "number" && !(iv > MARK_IV_PERCENT.min && iv <= MARK_IV_PERCENT.max)) {
    return drop("UNIT_SUSPECT", "mark_iv outside 0.1 to 1000 %");
  }
  const ratio = record.underlying_price / record.estimated_delivery_price;
  if (ratio > MAX_FORWARD_RATIO || ratio < 1 / MAX_FORWARD_RATIO) {
    return drop("INCONSISTENT", "underlying_price not within half to twice the index");
  }
  return true;
}

function toRow(record: Record, log: FaultLog): readonly Row[] {
  const name = record.instrument_name;
  const instrument = parseInstrument(name);
  const drop = (code: "SCHEMA" | "INCONSISTENT", what: string) => {
    log.add(code, what, name);
    return [];
  };
  if (instrument === null) return drop("SCHEMA", "instrument_name is not an option's");
  if (instrument.currency !== record.base_currency) return drop("INCONSISTENT", "instrument_name of another currency");
  if (instrument.expiry * 1000 <= record.creation_timestamp) return drop("INCONSISTENT", "expired when it was written");
  // In coin a call is worth at most one coin and a put at most K/F; one part in a hundred is left for rounding.
  const largest = instrument.kind === "call" ? 1 : instrument.strike / record.underlying_price;
  if (record.mark_price > 1.01 * largest) return drop("INCONSISTENT", "mark_price above the largest value possible");
  if (record.bid_price === 0 || record.ask_price === 0) {
    log.add("NOT_POSITIVE", "zero bid_price or ask_price read as none", name);
  }
  const quote: OptionQuote = {
    instrument: name,
    expiry: instrument.expiry,
    strike: instrument.strike,
    kind: instrument.kind,
    bidCoin: record.bid_price || null,
    askCoin: record.ask_price || null,
    markCoin: record.mark_price,
    markIv: typeof record.mark_iv === "number" ? record.mark_iv / 100 : null,
    forwardUsd: record.underlying_price,
    openInterest: record.open_interest,
  };
  return [{ record, quote }];
}

/** Equal copies keep the first. Where copies differ nothing says which is right, so none is kept. */
function withoutDuplicates(rows: readonly Row[], log: FaultLog): readonly Row[] {
  const byName = new Map<string, { row: Row; text: string; differs: boolean }>();
  for (const row of rows) {
    const text = JSON.stringify(row.quote);
    const known = byName.get(row.quote.instrument);
    if (known === undefined) {
      byName.set(row.quote.instrument, { row, text, differs: false });
      continue;
    }
    known.differs ||= known.text !== text;
    log.add(
      "DUPLICATE",
      known.differs ? "the same instrument twice, unequal" : "the same instrument twice",
      row.quote.instrument,
    );
  }
  return [...byName.values()].filter((entry) => !entry.differs).map((entry) => entry.row);
}

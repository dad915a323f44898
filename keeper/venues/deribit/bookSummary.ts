import { z } from "zod";
import { type Fault, fault } from "../../domain/fault.ts";
import { type FaultLog, faultLog } from "../../domain/faultLog.ts";
import { parseInstrument } from "../../domain/instrument.ts";
import type { Observed, OptionBoard } from "../../domain/observation.ts";
import type { BoardDialect, SentQuote } from "../../domain/quoteRules.ts";
import { firstIssue } from "../issue.ts";
import { judgeBoard } from "../judgeBoard.ts";
import { openEnvelope } from "./envelope.ts";

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

const DIALECT: BoardDialect = {
  ivDivisor: 100,
  zeroMeansNone: false,
  fields: {
    name: "instrument_name",
    time: "creation_timestamp",
    bid: "bid_price",
    ask: "ask_price",
    mark: "mark_price",
    iv: "mark_iv",
    forward: "underlying_price",
    index: "estimated_delivery_price",
    interest: "open_interest",
  },
};

/**
 * The options board in the body of `public/get_book_summary_by_currency?kind=option`.
 *
 * A bad record is dropped and counted under its fault: SCHEMA, NOT_FINITE, INCONSISTENT (another base_currency), and the
 * faults of `judgeBoard`. A zero bid or ask is read as none, and said. The whole answer fails with a fault of
 * `openEnvelope`, SCHEMA, EMPTY, or UNIT_SUSPECT (see `judgeBoard`).
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
  if (records.length === 0) return failed(fault("SCHEMA", source, "no record of the documented shape"), log.faults());
  const own = records.filter((record) => {
    if (record.base_currency === currency) return true;
    log.add("INCONSISTENT", `base_currency other than ${currency}`, record.instrument_name);
    return false;
  });
  return judgeBoard(own.map(toSent), { source, currency }, DIALECT, log);
}

function readRecord(value: unknown, index: number, log: FaultLog): readonly Record[] {
  const parsed = Record.safeParse(value);
  if (parsed.success) return [parsed.data];
  const issue = firstIssue(value, parsed.error);
  log.add(issue.code, `field ${issue.field}: ${issue.problem}`, `record ${index}`);
  return [];
}

function toSent(record: Record): SentQuote {
  return {
    name: record.instrument_name,
    instrument: parseInstrument(record.instrument_name),
    timeMs: record.creation_timestamp,
    bidCoin: record.bid_price ?? null,
    askCoin: record.ask_price ?? null,
    markCoin: record.mark_price,
    markIv: record.mark_iv ?? null,
    forwardUsd: record.underlying_price,
    indexUsd: record.estimated_delivery_price,
    openInterest: record.open_interest,
  };
}

import { type Fault, type FaultCode, fault } from "../domain/fault.ts";
import type { Instrument } from "../domain/instrument.ts";
import { median } from "../domain/median.ts";
import type { Observed, OptionBoard, OptionQuote } from "../domain/observation.ts";
import type { FaultLog } from "./faultLog.ts";
import { withoutRepeats } from "./withoutRepeats.ts";

/** What a venue says of one option, prices already in coin, not yet judged. */
export type SentQuote = {
  readonly name: string;
  /** What the name says, or null where it is no option's. */
  readonly instrument: Instrument | null;
  /** When the venue wrote it, milliseconds. */
  readonly timeMs: number;
  readonly bidCoin: number | null;
  readonly askCoin: number | null;
  readonly markCoin: number;
  /** In the venue's unit, see `ivDivisor`. */
  readonly markIv: number | null;
  readonly forwardUsd: number;
  readonly indexUsd: number;
  /** 0 where the venue gives none. */
  readonly openInterest: number;
};

/** How one venue spells things. */
export type BoardDialect = {
  /** 100 where the mark IV is sent in percent, 1 where it is a fraction. */
  readonly ivDivisor: number;
  /** True where the venue documents a zero bid or ask as "none"; elsewhere it is read as none and said. */
  readonly zeroMeansNone: boolean;
  /** Its own names of the fields, for the details of faults. */
  readonly fields: Readonly<
    Record<"name" | "time" | "bid" | "ask" | "mark" | "iv" | "forward" | "index" | "interest", string>
  >;
};

/** Records of one answer are written within milliseconds of each other; further apart they are not one board. */
const MAX_RECORD_SPREAD_MS = 60_000;
/** Median mark IV of a board as a fraction. Outside, the unit is in doubt: real boards lie in 0.2 to 3. */
const MEDIAN_IV = { min: 0.05, max: 5 };
/** One record's mark IV as a fraction. */
const MARK_IV = { min: 0.001, max: 10 };
/** Forwards of real boards lie within 0.98 to 1.06 of the index. */
const MAX_FORWARD_RATIO = 2;
/** In coin a call is worth at most one coin and a put at most K/F; one part in a hundred is left for rounding. */
const MAX_VALUE_SLACK = 1.01;
/** Marks of deep options are rounded and their forward is a moment older: two parts in a hundred, and a hundredth coin. */
const INTRINSIC_SLACK = { relative: 0.02, coin: 0.01 };

/**
 * The options board made of what a venue sent, the same judgement for every venue.
 *
 * A bad record is dropped and counted under its fault: SCHEMA (no option's name), NOT_POSITIVE (mark, forward, index, IV,
 * a price below zero), CROSSED, DUPLICATE (equal copies keep one; copies that differ keep none), UNIT_SUSPECT (mark IV
 * outside 0.1 to 1000 %), BELOW_INTRINSIC (the mark), INCONSISTENT (other currency, expired when written, a price above the option's largest value, a
 * forward far from the index, a time far from the others). The whole board fails as EMPTY, or as UNIT_SUSPECT when the
 * median mark IV lies outside [0.05, 5] as a fraction or the times are not milliseconds.
 * Age is not judged here: `eventTime` is the oldest record's, in Unix seconds.
 */
export function judgeBoard(
  sent: readonly SentQuote[],
  { source, currency }: { readonly source: string; readonly currency: string },
  dialect: BoardDialect,
  log: FaultLog,
): Observed<OptionBoard> {
  const failed = (why: Fault) => ({ source, observation: null, faults: [why, ...log.faults()] });
  if (sent.length === 0) return failed(fault("EMPTY", source, "no usable record"));
  const suspect = unitFault(sent, dialect, source);
  if (suspect !== null) return failed(suspect);

  const writtenMs = median(sent.map((one) => one.timeMs));
  const kept = sent
    .filter((one) => isSound(one, writtenMs, dialect, log))
    .flatMap((one) => {
      const quote = toQuote(one, currency, dialect, log);
      return quote === null ? [] : [{ quote, timeMs: one.timeMs, indexUsd: one.indexUsd }];
    });
  const rows = withoutRepeats(kept, ({ quote }) => ({ key: quote.instrument, text: JSON.stringify(quote) }), log);
  if (rows.length === 0) return failed(fault("EMPTY", source, "no usable record"));
  const observation: OptionBoard = {
    kind: "optionBoard",
    source,
    currency,
    eventTime: Math.floor(Math.min(...rows.map((row) => row.timeMs)) / 1000),
    indexUsd: median(rows.map((row) => row.indexUsd)),
    quotes: rows.map((row) => row.quote),
  };
  return { source, observation, faults: log.faults() };
}

/** Doubt about a unit concerns the whole answer: one board is written by one program. */
function unitFault(sent: readonly SentQuote[], { ivDivisor, fields }: BoardDialect, source: string): Fault | null {
  const time = median(sent.map((one) => one.timeMs));
  if (!(time >= 1e12 && time < 1e14)) {
    return fault("UNIT_SUSPECT", source, `median ${fields.time} ${time}, expected milliseconds`);
  }
  const vols = sent.flatMap((one) => (one.markIv === null ? [] : [one.markIv / ivDivisor]));
  if (vols.length === 0) return null;
  const middle = median(vols);
  if (middle >= MEDIAN_IV.min && middle <= MEDIAN_IV.max) return null;
  return fault("UNIT_SUSPECT", source, `median ${fields.iv} ${middle * 100} %, expected 5 to 500 %`);
}

function isSound(sent: SentQuote, writtenMs: number, { ivDivisor, fields }: BoardDialect, log: FaultLog): boolean {
  const drop = (code: FaultCode, what: string) => {
    log.add(code, what, sent.name);
    return false;
  };
  const { bidCoin: bid, askCoin: ask, markIv: iv } = sent;
  if (Math.abs(sent.timeMs - writtenMs) > MAX_RECORD_SPREAD_MS) {
    return drop("INCONSISTENT", `${fields.time} over 60 s from the others`);
  }
  if (!(sent.markCoin > 0)) return drop("NOT_POSITIVE", `${fields.mark} zero or less`);
  if (!(sent.forwardUsd > 0)) return drop("NOT_POSITIVE", `${fields.forward} zero or less`);
  if (!(sent.indexUsd > 0)) return drop("NOT_POSITIVE", `${fields.index} zero or less`);
  if (!(sent.openInterest >= 0)) return drop("NOT_POSITIVE", `${fields.interest} below zero`);
  if ((bid ?? 0) < 0 || (ask ?? 0) < 0) return drop("NOT_POSITIVE", `${fields.bid} or ${fields.ask} below zero`);
  if (bid && ask && bid > ask) return drop("CROSSED", `${fields.bid} above ${fields.ask}`);
  if (iv !== null && !(iv > 0)) return drop("NOT_POSITIVE", `${fields.iv} zero or less`);
  if (iv !== null && !(iv / ivDivisor > MARK_IV.min && iv / ivDivisor <= MARK_IV.max)) {
    return drop("UNIT_SUSPECT", `${fields.iv} outside 0.1 to 1000 %`);
  }
  const ratio = sent.forwardUsd / sent.indexUsd;
  if (ratio > MAX_FORWARD_RATIO || ratio < 1 / MAX_FORWARD_RATIO) {
    return drop("INCONSISTENT", `${fields.forward} not within half to twice the index`);
  }
  return true;
}

function toQuote(sent: SentQuote, currency: string, dialect: BoardDialect, log: FaultLog): OptionQuote | null {
  const { fields } = dialect;
  const { name, instrument, bidCoin, askCoin, markIv } = sent;
  const drop = (code: FaultCode, what: string) => {
    log.add(code, what, name);
    return null;
  };
  if (instrument === null) return drop("SCHEMA", `${fields.name} is not an option's`);
  if (instrument.currency !== currency) return drop("INCONSISTENT", `${fields.name} of another currency`);
  if (instrument.expiry * 1000 <= sent.timeMs) return drop("INCONSISTENT", "expired when it was written");
  const moneyness = instrument.strike / sent.forwardUsd;
  const largest = MAX_VALUE_SLACK * (instrument.kind === "call" ? 1 : moneyness);
  const intrinsic = instrument.kind === "call" ? 1 - moneyness : moneyness - 1;
  if (sent.markCoin < intrinsic * (1 - INTRINSIC_SLACK.relative) - INTRINSIC_SLACK.coin) {
    return drop("BELOW_INTRINSIC", `${fields.mark} below intrinsic value`);
  }
  if (sent.markCoin > largest) return drop("INCONSISTENT", `${fields.mark} above the largest value possible`);
  if ((bidCoin ?? 0) > largest) return drop("INCONSISTENT", `${fields.bid} above the largest value possible`);
  if ((bidCoin === 0 || askCoin === 0) && !dialect.zeroMeansNone) {
    log.add("NOT_POSITIVE", `zero ${fields.bid} or ${fields.ask} read as none`, name);
  }
  return {
    instrument: name,
    expiry: instrument.expiry,
    strike: instrument.strike,
    kind: instrument.kind,
    bidCoin: bidCoin || null,
    askCoin: askCoin || null,
    markCoin: sent.markCoin,
    markIv: markIv === null ? null : markIv / dialect.ivDivisor,
    forwardUsd: sent.forwardUsd,
    openInterest: sent.openInterest,
  };
}

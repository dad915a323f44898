import { type Fault, fault } from "../domain/fault.ts";
import type { FaultLog } from "../domain/faultLog.ts";
import { median } from "../domain/median.ts";
import type { Observed, OptionBoard, OptionQuote } from "../domain/observation.ts";
import {
  type BoardDialect,
  contractFinding,
  type QuoteFinding,
  type SentQuote,
  sentFinding,
  unitFinding,
} from "../domain/quoteRules.ts";
import { withoutRepeats } from "./parse.ts";

/**
 * The options board made of what a venue sent, the same judgement for every venue, by the rules of `domain/quoteRules.ts`.
 * It is judged here, at the parse, because the details of faults are in the venue's own words and because evidence stores
 * the board that is left.
 *
 * A bad record is dropped and counted under its fault: SCHEMA (no option's name), NOT_POSITIVE (mark, forward, index, IV,
 * a price below zero), CROSSED, DUPLICATE (equal copies keep one; copies that differ keep none), UNIT_SUSPECT (mark IV
 * outside 0.1 to 1000 %), BELOW_INTRINSIC (the mark), INCONSISTENT (other currency, expired when written, a price above the
 * option's largest value, a forward far from the index, a time far from the others). The whole board fails as EMPTY, or as
 * UNIT_SUSPECT when the median mark IV lies outside [0.05, 5] as a fraction or the times are not milliseconds.
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
  const medianMs = median(sent.map((one) => one.timeMs));
  const vols = sent.flatMap((one) => (one.markIv === null ? [] : [one.markIv / dialect.ivDivisor]));
  const suspect = unitFinding(medianMs, vols.length === 0 ? null : median(vols), dialect);
  if (suspect !== null) return failed(fault(suspect[0], source, suspect[1]));

  /** True when nothing was found; else counted. */
  const passes = (finding: QuoteFinding | null, name: string): boolean => {
    if (finding !== null) log.add(finding[0], finding[1], name);
    return finding === null;
  };
  const kept = sent
    .filter((one) => passes(sentFinding(one, medianMs, dialect), one.name))
    .flatMap((one) => {
      const { instrument, name } = one;
      if (instrument === null) {
        passes(["SCHEMA", `${dialect.fields.name} is not an option's`], name);
        return [];
      }
      if (!passes(contractFinding(one, instrument, currency, dialect), name)) return [];
      passes(zeroFinding(one, dialect), name);
      const { expiry, strike, kind } = instrument;
      return [{ quote: quoteOf(one, { expiry, strike, kind }, dialect), timeMs: one.timeMs, indexUsd: one.indexUsd }];
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

/** A zero price where the venue does not document what it means; the quote is kept, with none in its place. */
function zeroFinding({ bidCoin, askCoin }: SentQuote, { zeroMeansNone, fields }: BoardDialect): QuoteFinding | null {
  if (zeroMeansNone || (bidCoin !== 0 && askCoin !== 0)) return null;
  return ["NOT_POSITIVE", `zero ${fields.bid} or ${fields.ask} read as none`];
}

function quoteOf(
  { name, bidCoin, askCoin, markCoin, markIv, forwardUsd, openInterest }: SentQuote,
  contract: Pick<OptionQuote, "expiry" | "strike" | "kind">,
  { ivDivisor }: BoardDialect,
): OptionQuote {
  return {
    instrument: name,
    ...contract,
    bidCoin: bidCoin || null,
    askCoin: askCoin || null,
    markCoin,
    markIv: markIv === null ? null : markIv / ivDivisor,
    forwardUsd,
    openInterest,
  };
}

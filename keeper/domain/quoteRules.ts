import type { FaultCode } from "./fault.ts";
import { shortPercent } from "./format.ts";
import type { OptionBoard, OptionQuote } from "./observation.ts";

/*
 * Every rule by which an option quote or a board is refused, in the order in which they are asked:
 *
 *   1. as it arrives      `unitFinding`, `sentFinding`, `contractFinding`   by venues/judge.ts, in the venue's spelling
 *   2. as it is recorded  `boardFinding`                                    by quality/acceptance.ts
 *   3. before the fit     `recordedFinding`, `smileFinding`, `unsolvedFinding`, `markFinding`   by model/options/optionQuotes.ts
 *
 * The first come before the evidence, which stores the board that is left; the others judge whatever is stored. What each
 * finding costs is counted in a `FaultLog`; the words of the first group are in evidence.
 */

/** Why something is refused: the fault, and what was seen. */
export type QuoteFinding = readonly [code: FaultCode, what: string];

/** What the name of an option says. `expiry` in Unix seconds, `strike` in US dollars. */
export type Instrument = {
  /** Text before the first hyphen: "ETH" for inverse options, "SOL_USDC" for linear ones. */
  readonly currency: string;
  readonly expiry: number;
  readonly strike: number;
  readonly kind: "call" | "put";
};

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

// 1. As it arrives.

/** Records of one answer are written within milliseconds of each other; further apart they are not one board. */
const MAX_RECORD_SPREAD_MS = 60_000;
/** Median mark IV of a board as a fraction. Outside, the unit is in doubt: real boards lie in 0.2 to 3. */
const MEDIAN_IV = { min: 0.05, max: 5 };
/** One record's mark IV as a fraction. */
const SENT_IV = { min: 0.001, max: 10 };
/** Forwards of real boards lie within 0.98 to 1.06 of the index. */
const MAX_FORWARD_RATIO = 2;
/** In coin a call is worth at most one coin and a put at most K/F; one part in a hundred is left for rounding. */
const MAX_VALUE_SLACK = 1.01;
/** Marks of deep options are rounded and their forward is a moment older: two parts in a hundred, and a hundredth coin. */
const INTRINSIC_SLACK = { relative: 0.02, coin: 0.01 };

/**
 * UNIT_SUSPECT for a whole answer: one board is written by one program, so its unit is right or wrong for all.
 * @param medianMs median time of its records  @param medianIv median mark IV as a fraction, null where none is sent
 */
export function unitFinding(medianMs: number, medianIv: number | null, { fields }: BoardDialect): QuoteFinding | null {
  if (!(medianMs >= 1e12 && medianMs < 1e14)) {
    return ["UNIT_SUSPECT", `median ${fields.time} ${medianMs}, expected milliseconds`];
  }
  if (medianIv === null || (medianIv >= MEDIAN_IV.min && medianIv <= MEDIAN_IV.max)) return null;
  return ["UNIT_SUSPECT", `median ${fields.iv} ${medianIv * 100} %, expected 5 to 500 %`];
}

/** A number of one record that cannot be meant, whatever it is a record of. `medianMs` as above. */
export function sentFinding(sent: SentQuote, medianMs: number, dialect: BoardDialect): QuoteFinding | null {
  const { ivDivisor, fields } = dialect;
  const { bidCoin: bid, askCoin: ask, markIv: iv } = sent;
  if (Math.abs(sent.timeMs - medianMs) > MAX_RECORD_SPREAD_MS) {
    return ["INCONSISTENT", `${fields.time} over 60 s from the others`];
  }
  if (!(sent.markCoin > 0)) return ["NOT_POSITIVE", `${fields.mark} zero or less`];
  if (!(sent.forwardUsd > 0)) return ["NOT_POSITIVE", `${fields.forward} zero or less`];
  if (!(sent.indexUsd > 0)) return ["NOT_POSITIVE", `${fields.index} zero or less`];
  if (!(sent.openInterest >= 0)) return ["NOT_POSITIVE", `${fields.interest} below zero`];
  if ((bid ?? 0) < 0 || (ask ?? 0) < 0) return ["NOT_POSITIVE", `${fields.bid} or ${fields.ask} below zero`];
  if (bid && ask && bid > ask) return ["CROSSED", `${fields.bid} above ${fields.ask}`];
  if (iv !== null && !(iv > 0)) return ["NOT_POSITIVE", `${fields.iv} zero or less`];
  if (iv !== null && !(iv / ivDivisor > SENT_IV.min && iv / ivDivisor <= SENT_IV.max)) {
    return ["UNIT_SUSPECT", `${fields.iv} outside 0.1 to 1000 %`];
  }
  const ratio = sent.forwardUsd / sent.indexUsd;
  if (ratio > MAX_FORWARD_RATIO || ratio < 1 / MAX_FORWARD_RATIO) {
    return ["INCONSISTENT", `${fields.forward} not within half to twice the index`];
  }
  return null;
}

/** A record whose prices cannot be those of the contract it names. */
export function contractFinding(
  sent: SentQuote,
  { currency, expiry, strike, kind }: Instrument,
  wanted: string,
  { fields }: BoardDialect,
): QuoteFinding | null {
  if (currency !== wanted) return ["INCONSISTENT", `${fields.name} of another currency`];
  if (expiry * 1000 <= sent.timeMs) return ["INCONSISTENT", "expired when it was written"];
  const moneyness = strike / sent.forwardUsd;
  const largest = MAX_VALUE_SLACK * (kind === "call" ? 1 : moneyness);
  const intrinsic = kind === "call" ? 1 - moneyness : moneyness - 1;
  if (sent.markCoin < intrinsic * (1 - INTRINSIC_SLACK.relative) - INTRINSIC_SLACK.coin) {
    return ["BELOW_INTRINSIC", `${fields.mark} below intrinsic value`];
  }
  if (sent.markCoin > largest) return ["INCONSISTENT", `${fields.mark} above the largest value possible`];
  if ((sent.bidCoin ?? 0) > largest) return ["INCONSISTENT", `${fields.bid} above the largest value possible`];
  return null;
}

// 2. As it is recorded.

/** A board without a quote, or without a price of the coin itself. */
export function boardFinding({ quotes, indexUsd }: OptionBoard): QuoteFinding | null {
  if (quotes.length === 0) return ["EMPTY", "a board without a quote"];
  return positiveFinding("index", indexUsd);
}

/** NOT_FINITE or NOT_POSITIVE for a number that should be above zero, else null. */
export function positiveFinding(what: string, value: number): QuoteFinding | null {
  if (!Number.isFinite(value)) return ["NOT_FINITE", `${what} ${value}`];
  return value > 0 ? null : ["NOT_POSITIVE", `${what} ${value}`];
}

// 3. Before the fit.

/** Forwards of one expiry agree within this. */
const FORWARD_TOLERANCE = 0.01;
/** A mark IV at or below the lowest means no volatility at all; above the highest it is percent taken for a fraction. */
const RECORDED_IV = { lowest: 0.001, highest: 5 };
/** Mark IV and the volatility solved from the mark price: beyond the first ratio the unit is wrong, beyond the second they
 * contradict each other. */
const UNIT_RATIO = 10;
const CONTRADICTION_RATIO = 1.5;

/** A quote of which a number is none, or a price or the strike is negative. */
export function recordedFinding(quote: OptionQuote): QuoteFinding | null {
  const { strike, forwardUsd, bidCoin, askCoin, markCoin, markIv } = quote;
  const numbers = [strike, forwardUsd, bidCoin ?? 0, askCoin ?? 0, markCoin, markIv ?? 1];
  if (!numbers.every(Number.isFinite)) return ["NOT_FINITE", "a price, strike, forward or mark IV is no number"];
  if (!(strike > 0)) return ["NOT_POSITIVE", "strike zero or negative"];
  if ([bidCoin ?? 0, askCoin ?? 0, markCoin].some((price) => price < 0)) return ["NOT_POSITIVE", "price below 0"];
  return null;
}

/**
 * Why a quote has no part in the smile of its expiry: a finding, or "unused" for one in the money and one without a bid or
 * an ask, which is no fault; null where it has a part.
 * @param own forward that the quote's prices are for, USD  @param forwardUsd that of its expiry
 */
export function smileFinding(
  { kind, strike, bidCoin, askCoin }: OptionQuote,
  own: number,
  forwardUsd: number,
  maxSpread: number,
): QuoteFinding | "unused" | null {
  if (Math.abs(own / forwardUsd - 1) > FORWARD_TOLERANCE) {
    return ["INCONSISTENT", `forward more than ${shortPercent(FORWARD_TOLERANCE)} from the others of its expiry`];
  }
  const moneyness = strike / own;
  const intrinsic = Math.max(kind === "call" ? 1 - moneyness : moneyness - 1, 0);
  if (askCoin !== null && askCoin > 0 && askCoin < intrinsic) return ["BELOW_INTRINSIC", "ask below intrinsic value"];
  if (intrinsic > 0 || (kind === "put" && moneyness === 1)) return "unused";
  if (bidCoin === null || askCoin === null || bidCoin === 0 || askCoin === 0) return "unused";
  if (bidCoin > askCoin) return ["CROSSED", "bid above ask"];
  if ((askCoin - bidCoin) / ((askCoin + bidCoin) / 2) > maxSpread) {
    return ["WIDE", `spread above ${shortPercent(maxSpread)} of mid`];
  }
  return null;
}

/** A bid or an ask from which no volatility can be solved, `reason` saying on which side of the range it lies. */
export function unsolvedFinding(side: "bid" | "ask", reason: "BELOW_INTRINSIC" | "ABOVE_MAXIMUM"): QuoteFinding {
  if (side === "ask") return ["UNIT_SUSPECT", "ask price above what 500 % volatility gives"];
  return [reason === "BELOW_INTRINSIC" ? "BELOW_INTRINSIC" : "UNIT_SUSPECT", "bid price"];
}

/** A mark IV that means none, is percent and no fraction, or is far from the volatility `solved` from prices. */
export function markFinding(markIv: number, solved: number): QuoteFinding | null {
  const { lowest, highest } = RECORDED_IV;
  const ratio = Math.max(markIv / solved, solved / markIv);
  if (!(markIv > lowest)) return ["NOT_POSITIVE", `mark IV at or below ${shortPercent(lowest)}`];
  if (markIv > highest) return ["UNIT_SUSPECT", `mark IV above ${highest}: percent?`];
  if (ratio > UNIT_RATIO) return ["UNIT_SUSPECT", "mark IV more than 10 times off the one solved from prices"];
  if (ratio > CONTRADICTION_RATIO) return ["INCONSISTENT", "mark IV and prices more than 50 % apart"];
  return null;
}

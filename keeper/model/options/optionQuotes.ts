import { YEAR_SECONDS } from "../../domain/calendar.ts";
import { type Fault, type FaultLog, faultLog } from "../../domain/fault.ts";
import { median } from "../../domain/numbers.ts";
import type { OptionBoard, OptionQuote } from "../../domain/observation.ts";
import {
  markFinding,
  type QuoteFinding,
  recordedFinding,
  smileFinding,
  unsolvedFinding,
} from "../../domain/quoteRules.ts";
import { forwardFromParity } from "./black76.ts";
import { impliedVolatility } from "./impliedVolatility.ts";
import type { SmilePoint } from "./svi.ts";

export type QuoteRules = {
  /** Largest (ask - bid) / mid. */
  readonly maxOptionSpread: number;
  /** Fewest points of one expiry. */
  readonly minStrikes: number;
};

/** One accepted out-of-the-money quote; volatilities are annualised fractions. */
export type QuotedPoint = SmilePoint & {
  readonly strike: number;
  readonly kind: "call" | "put";
  readonly bidVol: number;
  readonly askVol: number;
};

/** Clean quotes of one expiry, ascending in strike. */
export type ExpiryQuotes = {
  readonly expiry: number;
  readonly years: number;
  readonly forwardUsd: number;
  readonly points: readonly QuotedPoint[];
};

/** Expiries closer than this are not used: pinning and settlement averaging make their volatility meaningless. */
export const SHORTEST_EXPIRY_YEARS = 12 / (24 * 365);
/** The parity forward lies within this of the one given, wide enough for thin far expiries. */
const PARITY_TOLERANCE = 0.03;
/** Narrowest spread in volatility that earns weight: 0.5 points. */
const NARROWEST_SPREAD = 0.005;

/**
 * The board's quotes, cleaned for fitting: out-of-the-money side only, two-sided, not crossed, not wide, with bid and ask
 * volatilities solved from prices in coin on the quote's own forward. The fitted volatility is the venue's mark where it
 * lies inside the spread, else the middle of the spread. Expiries under 12 h from `now` are left out. Each rejected quote is
 * counted under a named fault, and an expiry that keeps fewer than `minStrikes`, or only one side of the money, is a fault of
 * its own.
 */
export function cleanQuotes(
  board: OptionBoard,
  now: number,
  rules: QuoteRules,
): { readonly expiries: readonly ExpiryQuotes[]; readonly faults: readonly Fault[] } {
  const log = faultLog(board.source);
  const expiries: ExpiryQuotes[] = [];
  const groups = Map.groupBy(withoutDuplicates(board.quotes, log), (quote) => quote.expiry);
  for (const expiry of [...groups.keys()].sort((left, right) => left - right)) {
    const years = (expiry - board.eventTime) / YEAR_SECONDS;
    if (!(Math.min(years, (expiry - now) / YEAR_SECONDS) >= SHORTEST_EXPIRY_YEARS)) continue;
    const cleaned = cleanExpiry(expiry, years, groups.get(expiry) ?? [], rules, log);
    if (cleaned !== null) expiries.push(cleaned);
  }
  return { expiries, faults: log.faults().toSorted(byCodeAndDetail) };
}

function cleanExpiry(
  expiry: number,
  years: number,
  quotes: readonly OptionQuote[],
  rules: QuoteRules,
  log: FaultLog,
): ExpiryQuotes | null {
  const name = new Date(expiry * 1000).toISOString().slice(0, 16);
  const sane = quotes.filter((quote) => passes(recordedFinding(quote), log));
  const parity = forwardFromParity(parityLegs(sane, rules));
  const forwards = sane.map((quote) => quote.forwardUsd).filter((forward) => forward > 0);
  const forwardUsd = forwards.length === 0 ? parity : median(forwards);
  if (forwardUsd === null) {
    log.add("NOT_POSITIVE", `${name}: no forward given and none from parity`, undefined, quotes.length);
    return null;
  }
  if (parity !== null && Math.abs(parity / forwardUsd - 1) > PARITY_TOLERANCE) {
    const detail = `${name}: forward ${forwardUsd.toFixed(2)} USD, put-call parity says ${parity.toFixed(2)}`;
    log.add("INCONSISTENT", detail, undefined, quotes.length);
    return null;
  }
  const points = sane
    .flatMap((quote) => toPoint(quote, forwardUsd, years, rules, log) ?? [])
    .sort((left, right) => left.strike - right.strike || (left.kind < right.kind ? -1 : 1));
  const puts = points.filter((point) => point.k < 0).length;
  const least = Math.max(rules.minStrikes, 3);
  if (points.length < least) {
    log.add("TOO_FEW", `${name}: ${points.length} usable strikes, at least ${least} needed`, undefined, quotes.length);
    return null;
  }
  if (puts === 0 || puts === points.length) {
    const detail = `${name}: all ${points.length} usable strikes on one side of the money`;
    log.add("TOO_FEW", detail, undefined, quotes.length);
    return null;
  }
  return { expiry, years, forwardUsd, points };
}

function toPoint(
  quote: OptionQuote,
  forwardUsd: number,
  years: number,
  rules: QuoteRules,
  log: FaultLog,
): QuotedPoint | null {
  const { kind, strike, bidCoin, askCoin, markCoin, markIv } = quote;
  const own = quote.forwardUsd > 0 ? quote.forwardUsd : forwardUsd;
  const finding = smileFinding(quote, own, forwardUsd, rules.maxOptionSpread);
  if (finding === "unused" || !passes(finding, log) || bidCoin === null || askCoin === null) return null;
  const moneyness = strike / own;
  const solve = (price: number) => impliedVolatility({ kind, price, forward: 1, strike: moneyness, years });
  const [bid, ask, mark] = [solve(bidCoin), solve(askCoin), solve(markCoin)];
  if (!bid.ok) return drop(unsolvedFinding("bid", bid.reason), log);
  if (!ask.ok) return drop(unsolvedFinding("ask", ask.reason), log);
  const middle = (bid.vol + ask.vol) / 2;
  if (markIv !== null && !passes(markFinding(markIv, mark.ok ? mark.vol : middle), log)) return null;
  const markVol = markIv ?? (mark.ok ? mark.vol : Number.NaN);
  const vol = markVol >= bid.vol && markVol <= ask.vol ? markVol : middle;
  const weight = 1 / Math.max(ask.vol - bid.vol, NARROWEST_SPREAD);
  return { k: Math.log(moneyness), vol, weight, strike, kind, bidVol: bid.vol, askVol: ask.vol };
}

/** One record per instrument. Equal copies are one; records that contradict each other are all dropped. */
function withoutDuplicates(quotes: readonly OptionQuote[], log: FaultLog): readonly OptionQuote[] {
  const groups = Map.groupBy(quotes, (quote) => `${quote.expiry}:${quote.strike}:${quote.kind}`);
  return [...groups.values()].flatMap((same) => {
    const [first] = same;
    if (first === undefined || same.length === 1) return same;
    const fields = ["markCoin", "bidCoin", "askCoin", "markIv", "forwardUsd"] as const;
    const agree = same.every((quote) => fields.every((field) => quote[field] === first[field]));
    const lost = agree ? same.length - 1 : same.length;
    log.add("DUPLICATE", "the same instrument more than once", undefined, lost);
    return agree ? [first] : [];
  });
}

/** True when nothing was found; else counted. */
function passes(finding: QuoteFinding | null, log: FaultLog): boolean {
  if (finding !== null) log.add(...finding);
  return finding === null;
}

function drop(finding: QuoteFinding, log: FaultLog): null {
  log.add(...finding);
  return null;
}

/** An order that does not depend on the order of the records. */
function byCodeAndDetail(a: Fault, b: Fault): number {
  const [left, right] = [`${a.code}:${a.detail}`, `${b.code}:${b.detail}`];
  return left < right ? -1 : left > right ? 1 : 0;
}

function parityLegs(quotes: readonly OptionQuote[], rules: QuoteRules) {
  const groups = Map.groupBy(quotes, (quote) => quote.strike);
  return [...groups].flatMap(([strike, legs]) => {
    const call = legs.find((quote) => quote.kind === "call");
    const put = legs.find((quote) => quote.kind === "put");
    const [c, p] = [middle(call, rules), middle(put, rules)];
    if (c === null || p === null) return [];
    return [{ strike, callCoin: c.mid, putCoin: p.mid, uncertaintyCoin: c.half + p.half }];
  });
}

function middle(quote: OptionQuote | undefined, rules: QuoteRules): { mid: number; half: number } | null {
  const [bid, ask] = [quote?.bidCoin ?? 0, quote?.askCoin ?? 0];
  if (!(bid > 0 && ask >= bid) || (2 * (ask - bid)) / (ask + bid) > rules.maxOptionSpread) return null;
  return { mid: (bid + ask) / 2, half: (ask - bid) / 2 };
}

import { YEAR_SECONDS } from "../../domain/calendar.ts";
import type { Fault } from "../../domain/fault.ts";
import { shortPercent } from "../../domain/format.ts";
import { median } from "../../domain/median.ts";
import type { OptionBoard, OptionQuote } from "../../domain/observation.ts";
import { FaultTally } from "./faultTally.ts";
import { forwardFromParity } from "./forward.ts";
import { impliedVolatility } from "./impliedVolatility.ts";
import { isMarkPlausible, isSane, withoutDuplicates } from "./quoteChecks.ts";
import type { SmilePoint } from "./sviFit.ts";
import { SHORTEST_EXPIRY_YEARS } from "./termStructure.ts";

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

/** Forwards of one expiry agree within 1 %; the parity forward within 3 %, wide enough for thin far expiries. */
const FORWARD_TOLERANCE = 0.01;
const PARITY_TOLERANCE = 0.03;
/** Narrowest spread in volatility that earns weight: 0.5 points. */
const NARROWEST_SPREAD = 0.005;

/**
 * The board's quotes, cleaned for fitting: out-of-the-money side only, two-sided, not crossed, not wide, with bid and ask
 * volatilities solved from prices in coin on the quote's own forward. The fitted volatility is the venue's mark where it
 * lies inside the spread, else the middle of the spread. Expiries under 12 h from `now` are left out, as the term
 * structure does. Nothing is thrown: each rejected quote is counted under a named fault, and an expiry that keeps fewer
 * than `minStrikes`, or only one side of the money, is a fault of its own. The order of the quotes does not matter.
 */
export function cleanQuotes(
  board: OptionBoard,
  now: number,
  rules: QuoteRules,
): { readonly expiries: readonly ExpiryQuotes[]; readonly faults: readonly Fault[] } {
  const tally = new FaultTally(board.source);
  const expiries: ExpiryQuotes[] = [];
  const groups = Map.groupBy(withoutDuplicates(board.quotes, tally), (quote) => quote.expiry);
  for (const expiry of [...groups.keys()].sort((left, right) => left - right)) {
    const years = (expiry - board.eventTime) / YEAR_SECONDS;
    if (!(Math.min(years, (expiry - now) / YEAR_SECONDS) >= SHORTEST_EXPIRY_YEARS)) continue;
    const cleaned = cleanExpiry(expiry, years, groups.get(expiry) ?? [], rules, tally);
    if (cleaned !== null) expiries.push(cleaned);
  }
  return { expiries, faults: tally.faults() };
}

function cleanExpiry(
  expiry: number,
  years: number,
  quotes: readonly OptionQuote[],
  rules: QuoteRules,
  tally: FaultTally,
): ExpiryQuotes | null {
  const name = new Date(expiry * 1000).toISOString().slice(0, 16);
  const sane = quotes.filter((quote) => isSane(quote, tally));
  const parity = forwardFromParity(parityLegs(sane, rules));
  const forwards = sane.map((quote) => quote.forwardUsd).filter((forward) => forward > 0);
  const forwardUsd = forwards.length === 0 ? parity : median(forwards);
  if (forwardUsd === null) {
    tally.lose("NOT_POSITIVE", quotes.length, `${name}: no forward given and none from parity`);
    return null;
  }
  if (parity !== null && Math.abs(parity / forwardUsd - 1) > PARITY_TOLERANCE) {
    const detail = `${name}: forward ${forwardUsd.toFixed(2)} USD, put-call parity says ${parity.toFixed(2)}`;
    tally.lose("INCONSISTENT", quotes.length, detail);
    return null;
  }
  const points = sane
    .flatMap((quote) => toPoint(quote, forwardUsd, years, rules, tally) ?? [])
    .sort((left, right) => left.strike - right.strike || (left.kind < right.kind ? -1 : 1));
  const puts = points.filter((point) => point.k < 0).length;
  const least = Math.max(rules.minStrikes, 3);
  if (points.length < least) {
    tally.lose("TOO_FEW", quotes.length, `${name}: ${points.length} usable strikes, at least ${least} needed`);
    return null;
  }
  if (puts === 0 || puts === points.length) {
    tally.lose("TOO_FEW", quotes.length, `${name}: all ${points.length} usable strikes on one side of the money`);
    return null;
  }
  return { expiry, years, forwardUsd, points };
}

function toPoint(
  quote: OptionQuote,
  forwardUsd: number,
  years: number,
  rules: QuoteRules,
  tally: FaultTally,
): QuotedPoint | null {
  const { kind, strike, bidCoin, askCoin, markCoin, markIv } = quote;
  const own = quote.forwardUsd > 0 ? quote.forwardUsd : forwardUsd;
  if (Math.abs(own / forwardUsd - 1) > FORWARD_TOLERANCE) {
    return tally.drop(
      "INCONSISTENT",
      `forward more than ${shortPercent(FORWARD_TOLERANCE)} from the others of its expiry`,
    );
  }
  const moneyness = strike / own;
  const intrinsic = Math.max(kind === "call" ? 1 - moneyness : moneyness - 1, 0);
  if (askCoin !== null && askCoin > 0 && askCoin < intrinsic) {
    return tally.drop("BELOW_INTRINSIC", "ask below intrinsic value");
  }
  if (intrinsic > 0 || (kind === "put" && moneyness === 1)) return null;
  if (bidCoin === null || askCoin === null || bidCoin === 0 || askCoin === 0) return null;
  if (bidCoin > askCoin) return tally.drop("CROSSED", "bid above ask");
  if ((askCoin - bidCoin) / ((askCoin + bidCoin) / 2) > rules.maxOptionSpread) {
    return tally.drop("WIDE", `spread above ${rules.maxOptionSpread * 100} % of mid`);
  }
  const solve = (price: number) => impliedVolatility({ kind, price, forward: 1, strike: moneyness, years });
  const [bid, ask, mark] = [solve(bidCoin), solve(askCoin), solve(markCoin)];
  if (!bid.ok) return tally.drop(bid.reason === "BELOW_INTRINSIC" ? "BELOW_INTRINSIC" : "UNIT_SUSPECT", "bid price");
  if (!ask.ok) return tally.drop("UNIT_SUSPECT", "ask price above what 500 % volatility gives");
  if (markIv !== null && !isMarkPlausible(markIv, mark.ok ? mark.vol : (bid.vol + ask.vol) / 2, tally)) return null;
  const markVol = markIv ?? (mark.ok ? mark.vol : Number.NaN);
  const vol = markVol >= bid.vol && markVol <= ask.vol ? markVol : (bid.vol + ask.vol) / 2;
  const weight = 1 / Math.max(ask.vol - bid.vol, NARROWEST_SPREAD);
  return { k: Math.log(moneyness), vol, weight, strike, kind, bidVol: bid.vol, askVol: ask.vol };
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

import type { OptionQuote } from "../../../keeper/domain/observation.ts";

/** Bid and ask of both legs of one strike, in the unit of the strike; 0 where there is no quote. */
type StripRow = {
  readonly strike: number;
  readonly callBid: number;
  readonly callAsk: number;
  readonly putBid: number;
  readonly putAsk: number;
};

type ModelFreeVariance = {
  /** Annualised variance, a fraction: its root is the volatility. */
  readonly variance: number;
  readonly forward: number;
  /** K0, the highest strike at or below the forward. */
  readonly referenceStrike: number;
  /** Strikes in the sum, K0 counted once. */
  readonly count: number;
};

type Leg = { readonly strike: number; readonly price: number };

/**
 * Annualised variance of one expiry without any model, by the method of the Cboe VIX white paper (2014 and later):
 * the forward from the strike with the least |C - P|; K0 the highest strike <= F; out-of-the-money mids walking out from
 * K0, zero bids (and bids without an ask) dropped, stopping after two in a row; `s^2 = (2/T) sum dK/K^2 e^{RT} Q(K) - (1/T)(F/K0 - 1)^2`.
 * Rows in any order. Null where no strike shows both legs, none lies at or below the forward, or fewer than three remain.
 * @param years T to expiry, > 0
 * @param rate R, continuously compounded; 0 for crypto options
 */
export function modelFreeVariance(rows: readonly StripRow[], years: number, rate: number): ModelFreeVariance | null {
  const strip = rows.toSorted((left, right) => left.strike - right.strike);
  const growth = Math.exp(rate * years);
  const forward = forwardOfStrip(strip, growth);
  if (forward === null || !(years > 0)) return null;
  const reference = strip.findLastIndex((row) => row.strike <= forward);
  const middle = strip[reference];
  if (middle === undefined) return null;
  const puts = walkOut(strip.slice(0, reference).reverse(), (row) => [row.putBid, row.putAsk]);
  const calls = walkOut(strip.slice(reference + 1), (row) => [row.callBid, row.callAsk]);
  const atReference = (middle.callBid + middle.callAsk + middle.putBid + middle.putAsk) / 4;
  const legs: readonly Leg[] = [...puts.reverse(), { strike: middle.strike, price: atReference }, ...calls];
  if (legs.length < 3) return null;
  const sum = legs.reduce((total, leg, i) => total + (strikeWidth(legs, i) / leg.strike ** 2) * growth * leg.price, 0);
  const variance = (2 * sum - (forward / middle.strike - 1) ** 2) / years;
  return { variance, forward, referenceStrike: middle.strike, count: legs.length };
}

/** The strip of one expiry of inverse options in US dollars, each price converted with its own forward. */
export function stripFromQuotes(quotes: readonly OptionQuote[]): readonly StripRow[] {
  const groups = Map.groupBy(quotes, (quote) => quote.strike);
  return [...groups].map(([strike, legs]) => {
    const usd = (kind: "call" | "put", side: "bidCoin" | "askCoin"): number => {
      const quote = legs.find((leg) => leg.kind === kind);
      return quote === undefined ? 0 : (quote[side] ?? 0) * quote.forwardUsd;
    };
    return {
      strike,
      callBid: usd("call", "bidCoin"),
      callAsk: usd("call", "askCoin"),
      putBid: usd("put", "bidCoin"),
      putAsk: usd("put", "askCoin"),
    };
  });
}

/** F = K + e^{RT} (C - P) at the strike where the two mids are closest, among strikes with both legs quoted on both sides. */
function forwardOfStrip(strip: readonly StripRow[], growth: number): number | null {
  let best: { gap: number; forward: number } | null = null;
  for (const { strike, callBid, callAsk, putBid, putAsk } of strip) {
    if (!(callBid > 0 && putBid > 0 && callAsk >= callBid && putAsk >= putBid)) continue;
    const gap = (callBid + callAsk - putBid - putAsk) / 2;
    if (best === null || Math.abs(gap) < best.gap) best = { gap: Math.abs(gap), forward: strike + growth * gap };
  }
  return best === null ? null : best.forward;
}

function walkOut(rows: readonly StripRow[], quoteOf: (row: StripRow) => readonly [number, number]): Leg[] {
  const legs: Leg[] = [];
  let zeros = 0;
  for (const row of rows) {
    const [bid, ask] = quoteOf(row);
    zeros = bid > 0 && ask >= bid ? 0 : zeros + 1;
    if (zeros === 2) break;
    if (zeros === 0) legs.push({ strike: row.strike, price: (bid + ask) / 2 });
  }
  return legs;
}

/** Half the distance between the neighbours; at the ends, the distance to the only one. */
function strikeWidth(legs: readonly Leg[], i: number): number {
  const here = legs[i]?.strike ?? 0;
  const below = legs[i - 1]?.strike;
  const above = legs[i + 1]?.strike;
  if (below === undefined) return (above ?? here) - here;
  if (above === undefined) return here - below;
  return (above - below) / 2;
}

import { requireRange, TonsorError } from "../../../keeper/domain/errors.ts";

/**
 * What selling into a market returns, in units of its mid price: `sell(q)` is the proceeds of the first q tokens at a mid
 * price of 1, fees included, `marginal(q)` those of the next token after q were sold. Concave: marginal never rises.
 */
export type DepthCurve = {
  sell(tokens: number): number;
  marginal(tokens: number): number;
  /** Tokens after which marginal has fallen to `price` (a fraction of mid): 0 when the first is worth less already. */
  until(price: number): number;
};

/**
 * Constant-product depth with a fee: sell(q) = (1 - fee) q / (1 + q / reserve).
 * @param reserve tokens in the pool, > 0
 * @param fee fraction of what is sold, in [0, 1)
 * @example constantProduct(1_000, 0).sell(1_000) // 500
 */
export function constantProduct(reserve: number, fee: number): DepthCurve {
  requireRange("reserve", reserve, 0, Number.MAX_VALUE, { openLow: true });
  requireRange("fee", fee, 0, 1, { openHigh: true });
  const kept = 1 - fee;
  return {
    sell: (tokens) => (kept * tokens) / (1 + tokens / reserve),
    marginal: (tokens) => kept / (1 + tokens / reserve) ** 2,
    until: (price) =>
      price >= kept ? 0 : price <= 0 ? Number.POSITIVE_INFINITY : reserve * (Math.sqrt(kept / price) - 1),
  };
}

/** Depth that takes so many tokens at the full price, and not one more: a buyer with a fixed purse. @param tokens > 0 */
export function fixedRoom(tokens: number): DepthCurve {
  requireRange("tokens", tokens, 0, Number.MAX_VALUE, { openLow: true });
  return {
    sell: (sold) => Math.min(sold, tokens),
    marginal: (sold) => (sold < tokens ? 1 : 0),
    until: (price) => (price < 1 ? tokens : 0),
  };
}

/** What a curve must offer to be sold into here; `SellCurve` of keeper/model is one. */
type PricedCurve = {
  readonly priceQuote: number;
  sell(base: number): number;
  marginal(base: number): number;
};

/**
 * A recorded curve (pool ticks, order book, route) as depth: the same amounts in tokens, prices as fractions of its mid.
 * @param curve exact curve with its own mid price
 * @param most tokens beyond which it is never sold into, > 0: where the search for `until` ends
 * @throws TonsorError OUT_OF_RANGE when nothing can be sold
 */
export function recordedDepth(curve: PricedCurve, most: number): DepthCurve {
  const mid = curve.priceQuote;
  if (!(mid > 0)) {
    const facts = { field: "priceQuote", given: mid, expected: "a mid price > 0" };
    throw new TonsorError("OUT_OF_RANGE", "the curve has no depth", facts);
  }
  return {
    sell: (tokens) => curve.sell(tokens) / mid,
    marginal: (tokens) => curve.marginal(tokens) / mid,
    until(price) {
      if (curve.marginal(0) / mid <= price) return 0;
      let high = Math.min(1, most);
      while (high < most && curve.marginal(high) / mid > price) high = Math.min(most, high * 2);
      let low = 0;
      while (high - low > 1e-12 * high) {
        const middle = (low + high) / 2;
        if (middle === low || middle === high) break;
        if (curve.marginal(middle) / mid > price) low = middle;
        else high = middle;
      }
      return low;
    },
  };
}

/**
 * A pool that several collaterals may share: a depth curve, what was sold into it and has not been bought back yet, and how
 * large the curve is at present. Arbitrage buys back half of what was sold within `refillSteps` steps.
 */
export class Pool {
  readonly #curve: DepthCurve;
  readonly #kept: number;
  /** Tokens sold and not yet bought back. */
  sold = 0;
  /** Size of the curve: 2 takes twice the tokens at each price. */
  scale = 1;

  /** @param refillSteps half-life of what was sold, steps > 0; Infinity: it is never bought back */
  constructor(curve: DepthCurve, refillSteps: number) {
    requireRange("refillSteps", refillSteps, 0, Number.POSITIVE_INFINITY, { openLow: true });
    this.#curve = curve;
    this.#kept = 2 ** (-1 / refillSteps);
  }

  /** One step passes. */
  refill(): void {
    this.sold *= this.#kept;
    if (this.sold < 1e-9) this.sold = 0;
  }

  /** Share by which the price is below mid because of what was sold, fee apart. */
  get drop(): number {
    return this.sold === 0 ? 0 : 1 - this.#curve.marginal(this.sold / this.scale) / this.#curve.marginal(0);
  }

  /** Tokens until the next one brings `price` (a fraction of mid) or less. */
  room(price: number): number {
    return Math.max(0, this.fullRoom(price) - this.sold);
  }

  /** The same when everything sold so far was bought back. */
  fullRoom(price: number): number {
    return this.#curve.until(price) * this.scale;
  }

  /** Proceeds of selling so many tokens now, in units of the mid price; nothing is sold. */
  quote(tokens: number): number {
    const { sold, scale } = this;
    return (this.#curve.sell((sold + tokens) / scale) - this.#curve.sell(sold / scale)) * scale;
  }

  /** Takes the tokens that were sold at `quote`. */
  take(tokens: number): void {
    this.sold += tokens;
  }
}

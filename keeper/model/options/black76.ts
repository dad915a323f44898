import { millsRatio, normalCdf, normalPdf } from "../numerics/distributions.ts";

/** Below this deviation the difference of two tails is taken as a series, free of cancellation. */
const SERIES_BELOW = 0.5;
const SERIES_TERMS = 15;

/**
 * Undiscounted out-of-the-money price divided by sqrt(F K): the put for `logMoneyness` ln(K/F) < 0, the call above; the
 * two are mirror images. `deviation` is s sqrt T. P. Jaeckel, "Let's be rational", 2013.
 * @example normalisedPrice(0, 1) // 0.3829249225480262 = 2 N(1/2) - 1
 */
export function normalisedPrice(logMoneyness: number, deviation: number): number {
  if (deviation === 0) return 0;
  const x = -Math.abs(logMoneyness);
  const h = x / deviation;
  const t = deviation / 2;
  if (h + t >= 0 && deviation > SERIES_BELOW) {
    return Math.exp(x / 2) * normalCdf(h + t) - Math.exp(-x / 2) * normalCdf(h - t);
  }
  return normalPdf(h) * Math.exp(-t * t * 0.5) * priceOverVega(-x, deviation);
}

/**
 * `normalisedPrice / normalisedVega`, for `distance` = |ln(K/F)| >= 0 and a deviation > 0: what is left of the price when
 * its exponential is taken out, so that it never underflows. A difference of Mills ratios; below a deviation of 0.5
 * their series, free of cancellation.
 * @example priceOverVega(0, 1) // 1.0876530 = (2 N(1/2) - 1) / n(1/2)
 */
export function priceOverVega(distance: number, deviation: number): number {
  const h = distance / deviation;
  const t = deviation / 2;
  return deviation > SERIES_BELOW ? millsRatio(h - t) - millsRatio(h + t) : scaledCdfDifference(-h, t);
}

/** Y(h+t) - Y(h-t) for Y = N/n by its Taylor series in t: Y' = 1 + h Y, then Y^(n+1) = h Y^(n) + n Y^(n-1). */
function scaledCdfDifference(h: number, t: number): number {
  let previous = millsRatio(-h);
  let derivative = 1 + h * previous;
  let power = t;
  let sum = 0;
  for (let n = 1; n <= SERIES_TERMS; n += 2) {
    const term = derivative * power;
    sum += term;
    if (term <= sum * 1e-17) break;
    const even = h * derivative + n * previous;
    const odd = h * even + (n + 1) * derivative;
    previous = even;
    derivative = odd;
    power *= (t * t) / ((n + 1) * (n + 2));
  }
  return 2 * sum;
}

/** Both legs of one strike: mid prices in coin, and the two half-spreads added, in coin. */
type ParityLeg = {
  readonly strike: number;
  readonly callCoin: number;
  readonly putCoin: number;
  readonly uncertaintyCoin: number;
};

/** Smallest uncertainty counted, so that a locked quote does not outvote all others: half a Deribit tick. */
const LEAST_UNCERTAINTY = 0.00005;

/**
 * Forward in US dollars that put-call parity of inverse options implies, `K / (1 - (c - p))`, from all strikes that show both
 * legs: the median, each strike weighted by how tightly it is quoted; null without a usable strike. Spot in its place would be
 * biased by the basis; one wrong quote moves a mean, not a weighted median.
 * @example forwardFromParity([{ strike: 3000, callCoin: 0.05, putCoin: 0.02, uncertaintyCoin: 0.001 }]) // 3092.78
 */
export function forwardFromParity(legs: readonly ParityLeg[]): number | null {
  const votes = legs
    .flatMap(({ strike, callCoin, putCoin, uncertaintyCoin }) => {
      const forward = strike / (1 - (callCoin - putCoin));
      // An error in c - p moves the forward by F/K times itself.
      const weight = strike / Math.max(uncertaintyCoin, LEAST_UNCERTAINTY);
      const isUsable = forward > 0 && Number.isFinite(forward) && weight > 0;
      return isUsable ? [{ forward, weight: weight / forward }] : [];
    })
    .sort((left, right) => left.forward - right.forward || left.weight - right.weight);
  const half = votes.reduce((sum, vote) => sum + vote.weight, 0) / 2;
  let passed = 0;
  for (const { forward, weight } of votes) {
    passed += weight;
    if (passed >= half) return forward;
  }
  return null;
}

import { normalisedPrice, normalisedVega } from "./black76.ts";

/** What a price says about volatility: a number, or the side on which the price leaves the model's range. */
export type ImpliedVolatility =
  | { readonly ok: true; readonly vol: number }
  | { readonly ok: false; readonly reason: "BELOW_INTRINSIC" | "ABOVE_MAXIMUM" };

export type ImpliedVolatilityInputs = {
  readonly kind: "call" | "put";
  /** Price in the unit of forward and strike; for a coin price give forward 1 and strike K/F. */
  readonly price: number;
  readonly forward: number;
  readonly strike: number;
  readonly years: number;
  readonly discount?: number;
};

/** Bracket of annualised volatility: 0.01 % to 500 %. */
export const LOWEST_VOLATILITY = 1e-4;
export const HIGHEST_VOLATILITY = 5;
const MAX_ITERATIONS = 60;

/**
 * Annualised volatility (a fraction) at which Black-76 gives `price`, or why there is none: BELOW_INTRINSIC when the
 * price is at or below what volatility 0.01 % gives, ABOVE_MAXIMUM when it is at or above what 500 % gives. Never clamped:
 * a price without information is not a low volatility. NaN counts as below.
 *
 * The price is brought to the out-of-the-money side and divided by sqrt(F K); its logarithm is then solved by Halley
 * steps inside a bracket that shrinks at every step (bisection where a step leaves it). Relative error about 1e-14 where
 * the price itself carries the digits: a deep in-the-money price has lost them in its intrinsic value.
 * @example impliedVolatility({ kind: "call", price: 82.80508066863456, forward: 1500, strike: 1500, years: 7 / 365 })
 * // { ok: true, vol: 1 }
 */
export function impliedVolatility(inputs: ImpliedVolatilityInputs): ImpliedVolatility {
  const { kind, price, forward, strike, years, discount = 1 } = inputs;
  const intrinsic = Math.max(kind === "call" ? forward - strike : strike - forward, 0);
  const target = (price / discount - intrinsic) / Math.sqrt(forward * strike);
  const logMoneyness = Math.log(strike / forward);
  const rootYears = Math.sqrt(years);
  const lowest = LOWEST_VOLATILITY * rootYears;
  const highest = HIGHEST_VOLATILITY * rootYears;
  if (!(target > 0 && target > normalisedPrice(logMoneyness, lowest))) return { ok: false, reason: "BELOW_INTRINSIC" };
  if (target >= normalisedPrice(logMoneyness, highest)) return { ok: false, reason: "ABOVE_MAXIMUM" };
  return { ok: true, vol: solveDeviation(logMoneyness, target, lowest, highest) / rootYears };
}

/** The deviation s sqrt T in [low, high] with normalisedPrice = target. */
function solveDeviation(logMoneyness: number, target: number, lowest: number, highest: number): number {
  const distance = Math.abs(logMoneyness);
  const logTarget = Math.log(target);
  let low = lowest;
  let high = highest;
  let deviation = firstGuess(distance, target, logTarget);
  if (!(deviation > low && deviation < high)) deviation = Math.sqrt(low * high);
  for (let iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
    const price = normalisedPrice(logMoneyness, deviation);
    if (price > target) high = deviation;
    else low = deviation;
    const next = deviation - halleyStep(distance, deviation, price, target, logTarget);
    const moved = next > low && next < high ? next : price === target ? deviation : Math.sqrt(low * high);
    if (Math.abs(moved - deviation) <= 4e-16 * deviation) return moved;
    deviation = moved;
  }
  return deviation;
}

/** Halley's step for ln price - ln target (f'/f and f'' from vega and volga). */
function halleyStep(distance: number, deviation: number, price: number, target: number, logTarget: number): number {
  const ratio = price / target;
  // The difference of logarithms loses digits when the two are close; log1p of the relative error keeps them.
  const error = ratio > 0.5 && ratio < 2 ? Math.log1p((price - target) / target) : Math.log(price) - logTarget;
  const slope = normalisedVega(distance, deviation) / price;
  const bend = (distance * distance) / deviation ** 3 - deviation / 4 - slope;
  const newton = error / slope;
  const correction = 1 - (newton * bend) / 2;
  return correction > 0.3 ? newton / correction : newton;
}

/** At the money price = deviation / sqrt(2 pi) (Brenner-Subrahmanyam, 1988); in the wings ln price = -x^2 / (2 d^2). */
function firstGuess(distance: number, target: number, logTarget: number): number {
  const nearTheMoney = target * 2.5066282746310002;
  if (logTarget > -1e-9) return Math.sqrt(2 * distance) + 1;
  const wing = distance / Math.sqrt(-2 * logTarget);
  return nearTheMoney + wing;
}

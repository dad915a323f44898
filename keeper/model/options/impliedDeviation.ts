import { millsRatio } from "../numerics/distributions.ts";
import { priceOverVega } from "./black76.ts";

const LN_SQRT_2_PI = 0.9189385332046727;
const SQRT_2_PI = 2.5066282746310002;
const MAX_ITERATIONS = 60;
/** The method is of fourth order: after a step of this relative size the next one would be below a double's last digit. */
const LAST_STEP = 3e-5;

/**
 * The deviation s sqrt T at which an out-of-the-money option is worth `price`, to about 1e-15 relative. Everything is
 * divided by sqrt(F K): `distance` = |ln(K/F)|, `most` = the price at infinite volatility exp(-distance / 2), and `left` =
 * most - price, given apart because near the top it has digits that the price has lost.
 *
 * Householder's method of third order (J. M. Householder, 1970; for this problem P. Jaeckel, "Let's be rational", Wilmott,
 * 2015) on the logarithm of the smaller of `price` and `left`, which needs no exponential and never underflows:
 * `ln b = -(d/s)^2/2 - s^2/8 - ln sqrt(2 pi) + ln(b/vega)`. Two evaluations are enough nearly everywhere; a step out of the
 * bracket found so far is replaced by its middle, so the search ends for any finite input.
 * @param price in (0, most), from which left = most - price > 0 @param distance >= 0
 * @example impliedDeviation(0, 0.3829249225480262, 1, 0.6170750774519738) // 1
 */
export function impliedDeviation(distance: number, price: number, most: number, left: number): number {
  return price <= left
    ? solve(distance, Math.log(price), 1, guessFromPrice(distance, price))
    : solve(distance, Math.log(left), -1, guessFromRest(distance, left / most));
}

/** Solves ln(price) = `target` (`side` 1) or ln(most - price) = `target` (-1); both have the same derivative but for sign. */
function solve(distance: number, target: number, side: 1 | -1, guess: number): number {
  let [low, high, deviation] = [0, Number.POSITIVE_INFINITY, guess];
  for (let iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
    const h = distance / deviation;
    const t = deviation / 2;
    const value = side === 1 ? priceOverVega(distance, deviation) : millsRatio(t - h) + millsRatio(t + h);
    const logarithm = -0.5 * (h * h + t * t) - LN_SQRT_2_PI + Math.log(value);
    // First derivative; then second over first, and third over first (from vega's own: x^2/s^3 - s/4).
    const slope = side / value;
    const newton = (target - logarithm) / slope;
    if (newton > 0) low = deviation;
    else high = deviation;
    const volga = (h * h) / deviation - t / 2;
    const bend = volga - slope;
    const twist = bend * bend - slope * bend - 3 * (h / deviation) * (h / deviation) - 0.25;
    const step = (newton * (1 + (bend * newton) / 2)) / (1 + newton * (bend + (twist * newton) / 6));
    const next = deviation + step;
    if (Math.abs(step) <= LAST_STEP * deviation) return next;
    deviation = next > low && next < high ? next : middle(low, high);
  }
  return deviation;
}

function middle(low: number, high: number): number {
  if (high === Number.POSITIVE_INFINITY) return 2 * low;
  return low === 0 ? high / 2 : Math.sqrt(low * high);
}

/**
 * Bachelier's law with the same price, which Black's tends to for small deviations: `price = s n(q) (1 - q mills(q))`,
 * q = distance / s. Near the money to second order; further out q is a rational fit in sqrt(-2 ln(price / distance)),
 * good to 1e-3 for q from 0.9 to 38. Too low by 4 % at a deviation of 1, by 18 % at worst.
 */
function guessFromPrice(distance: number, price: number): number {
  if (price * 12 > distance) {
    const middle = SQRT_2_PI * (price + distance / 2);
    return (middle + Math.sqrt(Math.max(0, middle * middle - 2 * distance * distance))) / 2;
  }
  const r = Math.sqrt(-2 * Math.log(price / distance));
  const q = (0.556301 + r * (-0.00062 + r * (-0.241915 + r * 0.2078346))) / (1 + r * (-0.16665 + r * 0.206705));
  return distance / q;
}

/**
 * From `share` = what is left / most, where `share / 2` is N(-z) at the money and nearly so elsewhere, with
 * z = s/2 - distance/s. The quantile is Hastings' rational approximation (Abramowitz & Stegun 26.2.23).
 */
function guessFromRest(distance: number, share: number): number {
  const r = Math.sqrt(-2 * Math.log(share / 2));
  const z = r - (2.515517 + r * (0.802853 + r * 0.010328)) / (1 + r * (1.432788 + r * (0.189269 + r * 0.001308)));
  return z + Math.sqrt(z * z + 2 * distance);
}

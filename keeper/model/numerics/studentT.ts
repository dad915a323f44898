import { normalPdf, normalQuantile } from "./normal.ts";
import { requireRange } from "./requireRange.ts";

/**
 * Student's t distribution in its standard (not unit-variance) form. Distribution function by the regularised
 * incomplete beta function (continued fraction, Lentz's method); absolute error below 1e-13 for degrees of freedom in
 * [1, 1000]. Source: Abramowitz & Stegun 26.7; Press et al., Numerical Recipes, 3rd ed. (2007), 6.4 and 6.14.
 */

/** Density of Student's t. @example studentTPdf(0, 4) // 0.375 */
function studentTPdf(x: number, degreesOfFreedom: number): number {
  requireRange("degreesOfFreedom", degreesOfFreedom, 0, 1e6, { openLow: true });
  const nu = degreesOfFreedom;
  const logNorm = logGamma((nu + 1) / 2) - logGamma(nu / 2) - 0.5 * Math.log(nu * Math.PI);
  return Math.exp(logNorm - ((nu + 1) / 2) * Math.log1p((x * x) / nu));
}

/** Probability of a value <= x, in [0, 1]. @example studentTCdf(-3.746947387979197, 4) // 0.01 */
function studentTCdf(x: number, degreesOfFreedom: number): number {
  requireRange("degreesOfFreedom", degreesOfFreedom, 0, 1e6, { openLow: true });
  const nu = degreesOfFreedom;
  if (x === 0) return 0.5;
  const tail = 0.5 * incompleteBeta(nu / (nu + x * x), nu / 2, 0.5);
  return x > 0 ? 1 - tail : tail;
}

/**
 * The value below which Student's t lies with the given probability. Probability strictly inside (0, 1).
 * Safeguarded Newton on a bracket, in the lower tail, so that small probabilities keep their relative accuracy.
 * @example studentTQuantile(0.99, 4) // 3.746947387979197
 */
export function studentTQuantile(probability: number, degreesOfFreedom: number): number {
  requireRange("probability", probability, 0, 1, { openLow: true, openHigh: true });
  if (probability === 0.5) return 0;
  if (probability > 0.5) return -lowerQuantile(1 - probability, degreesOfFreedom);
  return lowerQuantile(probability, degreesOfFreedom);
}

function lowerQuantile(p: number, nu: number): number {
  let low = -1;
  while (studentTCdf(low, nu) > p && low > -1e300) low *= 2;
  let high = 0;
  let x = low / 2;
  for (let i = 0; i < 200; i++) {
    const miss = studentTCdf(x, nu) - p;
    if (miss > 0) high = x;
    else low = x;
    const newton = x - miss / studentTPdf(x, nu);
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - x) <= 1e-15 * Math.abs(next)) return next;
    x = next;
  }
  return x;
}

/** ln Gamma(x), x > 0. Lanczos, g = 7, nine terms; relative error below 1e-14. @example logGamma(5) // ln 24 */
function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const shifted = x - 1;
  const base = shifted + 7.5;
  let sum = 0.9999999999998099;
  for (const [i, c] of LANCZOS.entries()) sum += c / (shifted + i + 1);
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(base) - base + Math.log(sum);
}

const LANCZOS = [
  676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406, 12.507343278686905,
  -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7,
] as const;

/** Regularised incomplete beta function I_x(a, b). */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  // The continued fraction converges fast only on this side of the mean; the other side is its complement.
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const front = Math.exp(
    logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x) - Math.log(a),
  );
  const tiny = 1e-300;
  let c = 1;
  let d = 1 / nonZero(1 - ((a + b) * x) / (a + 1), tiny);
  let fraction = d;
  for (let m = 1; m <= 500; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / nonZero(1 + even * d, tiny);
    c = nonZero(1 + even / c, tiny);
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / nonZero(1 + odd * d, tiny);
    c = nonZero(1 + odd / c, tiny);
    const step = d * c;
    fraction *= step;
    if (Math.abs(step - 1) < 1e-16) break;
  }
  return front * fraction;
}

function nonZero(value: number, tiny: number): number {
  return Math.abs(value) < tiny ? tiny : value;
}

/**
 * Expected shortfall of a unit-variance Student t, in standard deviations (a positive number): the mean of the worst
 * `1 - level` share of outcomes. `k = sqrt((nu-2)/nu) f(t) / (1-level) * (nu + t^2) / (nu-1)`, t the level-quantile.
 * Source: McNeil, Frey & Embrechts, Quantitative Risk Management (2005), 2.2.4, example 2.19.
 * @param level ES level in (0.5, 1), e.g. 0.99
 * @param degreesOfFreedom in (2, 1e6]; infinite gives the Normal limit
 * @example esMultiplier(0.99, 4) // 3.69151049
 * @example esMultiplier(0.99, Infinity) // 2.66521422
 */
export function esMultiplier(level: number, degreesOfFreedom: number): number {
  if (level !== latest.level || degreesOfFreedom !== latest.degreesOfFreedom) {
    latest = { level, degreesOfFreedom, answer: compute(level, degreesOfFreedom) };
  }
  return latest.answer;
}

/** Two governance numbers that hardly ever change and that every haircut asks for: two thirds of a backtest's time. */
let latest = { level: Number.NaN, degreesOfFreedom: Number.NaN, answer: Number.NaN };

function compute(level: number, degreesOfFreedom: number): number {
  requireRange("tailLevel", level, 0.5, 1, { openLow: true, openHigh: true });
  if (degreesOfFreedom === Infinity) return normalPdf(normalQuantile(level)) / (1 - level);
  const nu = requireRange("degreesOfFreedom", degreesOfFreedom, 2, 1e6, { openLow: true });
  const t = studentTQuantile(level, nu);
  return Math.sqrt((nu - 2) / nu) * (studentTPdf(t, nu) / (1 - level)) * ((nu + t * t) / (nu - 1));
}

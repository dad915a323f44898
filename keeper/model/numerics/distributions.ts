import { requireRange } from "../../domain/errors.ts";

const SQRT_2_PI = 2.5066282746310002;
/** Bounds between the three rational approximations: 0.67449 and sqrt(32). */
const CENTRE = 0.67448975;
const FAR = 5.656854249492381;

/** Highest power first. M. J. Wichura, Algorithm AS 241 (PPND16), Applied Statistics 37, 1988. */
const CENTRAL_TOP = [
  2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987, 13731.69376550946, 1971.5909503065513,
  133.14166789178438, 3.3871328727963665,
];
const CENTRAL_BOTTOM = [
  5226.495278852854, 28729.085735721943, 39307.89580009271, 21213.794301586597, 5394.196021424751, 687.1870074920579,
  42.31333070160091, 1,
];
const MIDDLE_TOP = [
  0.0007745450142783414, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684, 3.6478483247632045,
  5.769497221460691, 4.630337846156546, 1.4234371107496835,
];
const MIDDLE_BOTTOM = [
  1.0507500716444169e-9, 0.0005475938084995345, 0.015198666563616457, 0.14810397642748008, 0.6897673349851,
  1.6763848301838038, 2.053191626637759, 1,
];
const FAR_TOP = [
  2.0103343992922881e-7, 0.000027115555687434876, 0.0012426609473880784, 0.026532189526576124, 0.29656057182850487,
  1.7848265399172913, 5.463784911164114, 6.657904643501103,
];
const FAR_BOTTOM = [
  2.0442631033899397e-15, 1.421511758316446e-7, 0.000018463183175100548, 0.0007868691311456133, 0.014875361290850615,
  0.1369298809227358, 0.599832206555888, 1,
];

/**
 * Density of the standard normal at `x`. The exponent is split (Cody) so that the relative error stays near 1e-16 far
 * out, where rounding x*x alone would cost three digits.
 * @example normalPdf(0) // 0.3989422804014327
 */
export function normalPdf(x: number): number {
  const rounded = Math.trunc(x * 16) / 16;
  return (Math.exp(-rounded * rounded * 0.5) * Math.exp(-(x - rounded) * (x + rounded) * 0.5)) / SQRT_2_PI;
}

/**
 * Mills ratio (1 - N(x)) / n(x) of the standard normal: the tail without its exponential, so it never underflows.
 * About 1/x for large x; grows like 1/n(x) for negative x. Relative error about 1e-16.
 * @example millsRatio(0) // 1.2533141373155003, sqrt(pi/2)
 */
export function millsRatio(x: number): number {
  if (x < -CENTRE) return 1 / normalPdf(x) - millsRatio(-x);
  if (x <= CENTRE) return (0.5 - x * central(x * x)) / normalPdf(x);
  if (x <= FAR) return SQRT_2_PI * middle(x);
  const inverseSquare = 1 / (x * x);
  return (1 - SQRT_2_PI * inverseSquare * far(inverseSquare)) / x;
}

/*
 * W. J. Cody, "Rational Chebyshev approximations for the error function", 1969; the form for the normal distribution is
 * his ACM Algorithm 715 (ANORM), 1993. Horner's scheme is written out: as a loop over a table it takes four times as long,
 * and every price and every inversion waits for it.
 */

/** (N(x) - 1/2) / x by x^2. */
function central(z: number): number {
  const top =
    (((0.06568233791820745 * z + 2.2352520354606837) * z + 161.02823106855587) * z + 1067.6894854603709) * z +
    18154.98125334356;
  const bottom = (((z + 47.202581904688245) * z + 976.0985517377767) * z + 10260.932208618979) * z + 45507.78933502673;
  return top / bottom;
}

/** Mills ratio / sqrt(2 pi). */
function middle(x: number): number {
  let top = 1.0765576773720192e-8 * x + 0.39894151208813466;
  top = ((top * x + 8.883149794388377) * x + 93.50665613217785) * x + 597.2702763948002;
  top = ((top * x + 2494.5375852903726) * x + 6848.190450536283) * x + 11602.65143764735;
  top = top * x + 9842.714838383978;
  let bottom = (x + 22.266688044328117) * x + 235.387901782625;
  bottom = ((bottom * x + 1519.3775994075547) * x + 6485.558298266761) * x + 18615.571640885097;
  bottom = ((bottom * x + 34900.95272114598) * x + 38912.00328609327) * x + 19685.429676859992;
  return top / bottom;
}

/** (1 - x mills(x)) x^2 / sqrt(2 pi) by x^-2. */
function far(z: number): number {
  const top =
    ((((0.023073441764940174 * z + 0.215898534057957) * z + 0.12740116116024736) * z + 0.022235277870649807) * z +
      0.0014216191932278934) *
      z +
    0.000029112874951168793;
  const bottom =
    ((((z + 1.284260096144911) * z + 0.4682382124808651) * z + 0.06598813786892856) * z + 0.0037823963320275824) * z +
    0.00007297515550839662;
  return top / bottom;
}

/**
 * Probability that a standard normal is <= `x`. Relative error about 1e-15 down to x = -37.5, where the smallest
 * doubles begin; so the lower tail is exact, and the upper tail is had as `normalCdf(-x)`.
 * @example normalCdf(-6) // 9.86587645037698e-10
 */
export function normalCdf(x: number): number {
  if (x < -CENTRE) return normalPdf(x) * millsRatio(-x);
  if (x <= CENTRE) return 0.5 + x * central(x * x);
  return 1 - normalPdf(x) * millsRatio(x);
}

/**
 * The x with N(x) = `probability`: Wichura's AS 241 and one Halley step. Relative error about 1e-15.
 * @example normalQuantile(0.01) // -2.3263478740408408
 */
export function normalQuantile(probability: number): number {
  requireRange("probability", probability, 0, 1, { openLow: true, openHigh: true });
  const centred = probability - 0.5;
  if (Math.abs(centred) <= 0.425) {
    const r = 0.180625 - centred * centred;
    return refine((centred * polynomial(CENTRAL_TOP, r)) / polynomial(CENTRAL_BOTTOM, r), probability);
  }
  // 1 - probability is exact here for the upper tail, so both tails are solved on the lower side.
  const tail = centred < 0 ? probability : 1 - probability;
  const r = Math.sqrt(-Math.log(tail));
  const distance =
    r <= 5
      ? polynomial(MIDDLE_TOP, r - 1.6) / polynomial(MIDDLE_BOTTOM, r - 1.6)
      : polynomial(FAR_TOP, r - 5) / polynomial(FAR_BOTTOM, r - 5);
  const x = refine(-distance, tail);
  return centred < 0 ? x : -x;
}

function refine(x: number, probability: number): number {
  const density = normalPdf(x);
  if (density < 1e-290) return x;
  const error = (normalCdf(x) - probability) / density;
  return x - error / (1 + (x * error) / 2);
}

/** Horner's scheme, highest power first. */
function polynomial(coefficients: readonly number[], x: number): number {
  let sum = 0;
  for (const coefficient of coefficients) sum = sum * x + coefficient;
  return sum;
}

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
export function studentTCdf(x: number, degreesOfFreedom: number): number {
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
 * @param level in (0.5, 1)  @param degreesOfFreedom in (2, 1e6]; infinite gives the Normal limit
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

/**
 * One smile: raw SVI (J. Gatheral, 2004), `w(k) = a + b { rho (k - m) + sqrt((k - m)^2 + sigma^2) }` with
 * k = ln(K/F) and w = total implied variance, volatility squared times ACT/365 years.
 */
export type SviParameters = {
  readonly a: number;
  readonly b: number;
  readonly rho: number;
  readonly m: number;
  readonly sigma: number;
};

/** The same smile in trader's terms (Gatheral-Jacquier, 2014, section 3.3); rates are per year. */
type JumpWings = {
  /** At-the-money variance a year. */
  readonly v: number;
  /** At-the-money skew: d sigma / dk times sqrt(T). */
  readonly psi: number;
  /** Slope of the put wing and of the call wing, >= 0, in units of sqrt(w). */
  readonly p: number;
  readonly c: number;
  /** Least variance a year. */
  readonly minimumVariance: number;
};

/** Total variance at `k`. @example totalVariance({ a: 0.04, b: 0, rho: 0, m: 0, sigma: 1 }, 0.3) // 0.04 */
export function totalVariance({ a, b, rho, m, sigma }: SviParameters, k: number): number {
  const x = k - m;
  return a + b * (rho * x + Math.sqrt(x * x + sigma * sigma));
}

/** First derivative of total variance by k. @example slope(vogt, 0.3586) // .1331 * .3060 = 0.04072860 */
export function slope({ b, rho, m, sigma }: SviParameters, k: number): number {
  const x = k - m;
  return b * (rho + x / Math.sqrt(x * x + sigma * sigma));
}

/**
 * Gatheral's g(k), whose sign is the sign of the risk-neutral density: the smile is free of butterfly arbitrage where
 * g >= 0. `(1 - k w'/(2w))^2 - (w'^2/4)(1/w + 1/4) + w''/2` (Gatheral-Jacquier, 2014, equation 2.1).
 * @example butterfly(vogt, 0) // 1.0386497313
 */
export function butterfly({ a, b, rho, m, sigma }: SviParameters, k: number): number {
  // The three derivatives share one root: the test for arbitrage asks for hundreds of points a smile.
  const x = k - m;
  const root = Math.sqrt(x * x + sigma * sigma);
  const w = a + b * (rho * x + root);
  const first = b * (rho + x / root);
  const second = (b * sigma * sigma) / (root * root * root);
  const tilt = 1 - (k * first) / (2 * w);
  return tilt * tilt - ((first * first) / 4) * (1 / w + 0.25) + second / 2;
}

/** Least total variance over all k: `a + b sigma sqrt(1 - rho^2)`. */
function minimumTotalVariance({ a, b, rho, sigma }: SviParameters): number {
  return a + b * sigma * Math.sqrt(1 - rho * rho);
}

/**
 * The first domain rule the parameters break, in words, or null: finite, b >= 0, |rho| < 1, sigma > 0, least variance
 * >= 0, and wings no steeper than 2 (R. Lee's moment formula, 2004): b (1 + |rho|) <= 2.
 * @example domainProblem({ a: 0.04, b: 3, rho: 0, m: 0, sigma: 1 }) // "b (1 + |rho|) = 3 is above 2"
 */
export function domainProblem(parameters: SviParameters): string | null {
  const { a, b, rho, m, sigma } = parameters;
  if (![a, b, rho, m, sigma].every(Number.isFinite)) return "a parameter is not a finite number";
  if (b < 0) return `b = ${b} is negative`;
  if (Math.abs(rho) >= 1) return `|rho| = ${Math.abs(rho)} is not below 1`;
  if (sigma <= 0) return `sigma = ${sigma} is not positive`;
  if (minimumTotalVariance(parameters) < 0) return `least variance ${minimumTotalVariance(parameters)} is negative`;
  if (b * (1 + Math.abs(rho)) > 2) return `b (1 + |rho|) = ${b * (1 + Math.abs(rho))} is above 2`;
  return null;
}

/** The jump-wing form of a smile `years` from expiry. @example toJumpWings(vogt, 1).v // .01742625 */
export function toJumpWings(parameters: SviParameters, years: number): JumpWings {
  const { b, rho } = parameters;
  const w = totalVariance(parameters, 0);
  const root = Math.sqrt(w);
  return {
    v: w / years,
    psi: slope(parameters, 0) / (2 * root),
    p: (b * (1 - rho)) / root,
    c: (b * (1 + rho)) / root,
    minimumVariance: minimumTotalVariance(parameters) / years,
  };
}

/**
 * Raw parameters of a jump-wing smile, or null where there are none or many: no wings at all, skew outside
 * [-p/2, c/2], least variance above v, or a smile whose least point is at the money, which leaves its width open.
 * Written in beta = m / sqrt(m^2 + sigma^2), which has none of the paper's special cases around beta = 0.
 */
export function fromJumpWings(wings: JumpWings, years: number): SviParameters | null {
  const { v, psi, p, c, minimumVariance } = wings;
  const root = Math.sqrt(v * years);
  const b = (root / 2) * (c + p);
  const rho = 1 - (p * root) / b;
  const beta = rho - (2 * psi * root) / b;
  if (!(b > 0 && Math.abs(rho) < 1 && Math.abs(beta) < 1)) return null;
  const cosine = Math.sqrt(1 - beta * beta);
  const rise = (1 - rho * beta) / cosine - Math.sqrt(1 - rho * rho);
  const sigma = ((v - minimumVariance) * years) / (b * rise);
  if (!(rise > 1e-12 && sigma > 0 && Number.isFinite(sigma))) return null;
  const m = (beta / cosine) * sigma;
  return { a: minimumVariance * years - b * sigma * Math.sqrt(1 - rho * rho), b, rho, m, sigma };
}

/** One quote as the fit sees it. */
export type SmilePoint = {
  /** ln(K/F). */
  readonly k: number;
  /** Annualised implied volatility, a fraction. */
  readonly vol: number;
  /** Relative weight of the squared error in volatility: vega / spread. */
  readonly weight: number;
};

/** Root mean squared distance between smile and points in volatility points, every point counted alike. */
export function rmseVolPoints(parameters: SviParameters, points: readonly SmilePoint[], years: number): number {
  let sum = 0;
  for (const { k, vol } of points) sum += (Math.sqrt(totalVariance(parameters, k) / years) - vol) ** 2;
  return 100 * Math.sqrt(sum / points.length);
}

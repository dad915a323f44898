/**
 * The volatility surface of the generated sample: SSVI (Gatheral and Jacquier, "Arbitrage-free SVI volatility surfaces",
 * 2014), each slice an SVI smile, over a mean-reverting term structure.
 *
 * With theta(T) the at-the-money total variance and k = ln(K/F):
 * `w(k, T) = theta/2 (1 + rho phi k + sqrt((phi k + rho)^2 + 1 - rho^2))`, `phi = eta / sqrt(theta (1 + theta))`.
 * Free of butterfly and calendar arbitrage because eta (1 + |rho|) <= 2 and theta grows with T (their remark 4.4).
 */
export type SurfaceState = {
  /** Instantaneous volatility, annualised fraction. */
  readonly shortVol: number;
  /** The level it reverts to. */
  readonly longVol: number;
  /** In (-1, 1); negative makes puts dearer. */
  readonly rho: number;
};

/** Speed of reversion a year: half the way in a week, as between a 7-day and a 30-day volatility in a crash. */
const REVERSION = 34;
/** Curvature; eta (1 + |rho|) <= 2 holds up to |rho| = 0.66. */
const ETA = 1.2;

/**
 * At-the-money total variance to `years`: `L^2 T + (S^2 - L^2)(1 - exp(-kappa T))/kappa`, the mean of a variance that
 * reverts from S^2 to L^2.
 * @example Math.sqrt(atmTotalVariance({ shortVol: 1.35, longVol: 0.62, rho: -0.5 }, 7 / 365) * 365 / 7) // 1.2004
 */
export function atmTotalVariance(state: SurfaceState, years: number): number {
  const long = state.longVol ** 2;
  return long * years + ((state.shortVol ** 2 - long) * -Math.expm1(-REVERSION * years)) / REVERSION;
}

/** Implied volatility, annualised fraction, at log-moneyness k = ln(K/F). */
export function impliedVolatility(state: SurfaceState, k: number, years: number): number {
  const theta = atmTotalVariance(state, years);
  const phi = ETA / Math.sqrt(theta * (1 + theta));
  const { rho } = state;
  const root = Math.sqrt((phi * k + rho) ** 2 + 1 - rho ** 2);
  return Math.sqrt(((theta / 2) * (1 + rho * phi * k + root)) / years);
}

/** Level of a 30-day volatility index in percent: at the money, and a little more for the wings. */
export function indexLevel(state: SurfaceState): number {
  const years = 30 / 365;
  return 103 * Math.sqrt(atmTotalVariance(state, years) / years);
}

import { linearRegression } from "../numerics/linearRegression.ts";
import { meanOfLast } from "./realisedVariance.ts";

/** Days of history before the regression is trusted. */
export const LEAST_DAYS = 180;

/** Days averaged by the three regressors, and how many of them must be known. */
const WINDOWS = [
  { days: 1, least: 1 },
  { days: 7, least: 5 },
  { days: 30, least: 20 },
] as const;

/** Forecast of the next day's variance and the fit behind it. */
type HarForecast = {
  /** Daily variance, not annualised. */
  readonly variance: number;
  /** Intercept, daily, weekly, monthly and, when given, implied. */
  readonly coefficients: readonly number[];
  readonly residualVariance: number;
  /** Days regressed on. */
  readonly observations: number;
};

/**
 * Variance of the next 24 hours by log-HAR: `ln RV(t+1) = c + d ln RV(t) + w ln RV(7) + m ln RV(30) [+ v ln IV(t)]`, least
 * squares over all days up to the last one (expanding), taken back with `exp(fit + s2/2)`. Null with fewer than 180
 * known pairs, or a window unknown today. The forecast is kept inside the range of variances seen, so that an
 * extrapolation cannot run away (Bollerslev, Patton & Quaedvlieg 2016).
 * Point in time: uses nothing but its arguments, the last of which is the newest.
 * Source: Corsi, J. Financial Econometrics 7 (2009); weeks and months in calendar days, as crypto trades on all of them.
 * @param variances daily realised variances, oldest first, null for days without data
 * @param implied daily variances implied by options on the same days, or null to leave them out
 */
export function harForecast(
  variances: readonly (number | null)[],
  implied: readonly (number | null)[] | null = null,
): HarForecast | null {
  const rows: number[][] = [];
  const outcomes: number[] = [];
  let least = Number.POSITIVE_INFINITY;
  let most = 0;
  for (let day = 0; day < variances.length; day++) {
    const seen = variances[day];
    if (seen !== null && seen !== undefined) {
      least = Math.min(least, seen);
      most = Math.max(most, seen);
    }
    const next = variances[day + 1];
    if (next === null || next === undefined) continue;
    const row = regressors(variances, implied, day);
    if (row === null) continue;
    rows.push(row);
    outcomes.push(Math.log(next));
  }
  const today = regressors(variances, implied, variances.length - 1);
  if (rows.length < LEAST_DAYS || today === null) return null;
  const fit = linearRegression(rows, outcomes);
  if (fit === null) return null;
  const log = today.reduce((sum, value, i) => sum + value * (fit.coefficients[i] ?? 0), 0);
  const variance = Math.min(most, Math.max(least, Math.exp(log + fit.residualVariance / 2)));
  return { variance, ...fit, observations: rows.length };
}

/** The row of one day: what was known at its end. */
function regressors(
  variances: readonly (number | null)[],
  implied: readonly (number | null)[] | null,
  day: number,
): number[] | null {
  const row = [1];
  for (const { days, least } of WINDOWS) {
    const mean = meanOfLast(variances, days, least, day + 1);
    if (mean === null || mean <= 0) return null;
    row.push(Math.log(mean));
  }
  if (implied === null) return row;
  const now = implied[day];
  if (now === null || now === undefined || now <= 0) return null;
  row.push(Math.log(now));
  return row;
}

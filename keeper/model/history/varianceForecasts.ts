import { requireAmount, requireRange } from "../../domain/errors.ts";
import { linearRegression } from "../numerics/leastSquares.ts";
import { meanOfLast } from "./dailyBars.ts";

/** Decay of RiskMetrics for daily data (J.P. Morgan/Reuters, RiskMetrics Technical Document, 1996). */
export const DAILY_DECAY = 0.94;

/**
 * Next variance of an exponentially weighted average: `decay * variance + (1 - decay) * squaredReturn`, in the unit of
 * the inputs. Source: Hull, Options, Futures, and Other Derivatives, 23.2.
 * @example Math.sqrt(ewmaVariance(0.01 ** 2, 0.02 ** 2, 0.9)) // 0.011402
 */
export function ewmaVariance(variance: number, squaredReturn: number, decay: number): number {
  requireRange("decay", decay, 0, 1);
  return decay * requireAmount("variance", variance) + (1 - decay) * requireAmount("squaredReturn", squaredReturn);
}

/**
 * Exponentially weighted mean of variances, oldest first; null entries are days without data and are passed over. The
 * first `SEED_DAYS` values found seed the average by their plain mean. Null when there are fewer than `SEED_DAYS`.
 * @example ewmaOfVariances(Array(10).fill(0.0004)) // 0.0004
 */
export function ewmaOfVariances(variances: readonly (number | null)[], decay = DAILY_DECAY): number | null {
  const known = variances.filter((value) => value !== null);
  if (known.length < SEED_DAYS) return null;
  const seed = known.slice(0, SEED_DAYS).reduce((sum, value) => sum + value, 0) / SEED_DAYS;
  return known.slice(SEED_DAYS).reduce((variance, value) => ewmaVariance(variance, value, decay), seed);
}

/** Days whose mean starts an average. */
export const SEED_DAYS = 7;

/** Days of history that a stated volatility weighs as much as: a year (D192). */
const STATED_DAYS = 365;

/**
 * Long-run volatility of a history of `days`, weighted with the one that governance states for its kind as if a year more of that
 * had been seen: `sqrt((days own^2 + 365 stated^2) / (days + 365))`. A young history is an accident of its months. Annualised
 * fractions, between the two.
 * Source: Bühlmann, Experience Rating and Credibility, ASTIN Bulletin 4 (1967): own experience counts n / (n + k).
 * @example credibleVolatility({ volatility: 0.5, days: 365 }, 0.8) // 0.667083
 */
export function credibleVolatility(
  { volatility, days }: { readonly volatility: number; readonly days: number },
  stated: number,
): number {
  return Math.sqrt((days * volatility ** 2 + STATED_DAYS * stated ** 2) / (days + STATED_DAYS));
}

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
 * squares over all days up to the last one (expanding), transformed back with `exp(fit + s2/2)`. Null with fewer than 180
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

/** Open, high, low, close of one period; all > 0, low <= open, close <= high. */
type Bar = { readonly open: number; readonly high: number; readonly low: number; readonly close: number };

/** Rogers & Satchell (1991): `mean ln(H/C) ln(H/O) + ln(L/C) ln(L/O)`. Free of drift. */
function rogersSatchell(bars: readonly Bar[]): number | null {
  return mean(
    bars.map(
      ({ open, high, low, close }) =>
        Math.log(high / close) * Math.log(high / open) + Math.log(low / close) * Math.log(low / open),
    ),
  );
}

/**
 * Yang & Zhang (2000): overnight variance + k open-to-close variance + (1 - k) Rogers-Satchell, with
 * `k = 0.34 / (1.34 + (n+1)/(n-1))`. Free of drift, and counts jumps between bars. The first bar only serves as the
 * close before the second one, so n bars of result need n + 1 bars; at least 3.
 * @example annualised(yangZhang(thirtyOneBars)) // volatility of the month
 */
export function yangZhang(bars: readonly Bar[]): number | null {
  const n = bars.length - 1;
  if (n < 2) return null;
  const used = bars.slice(1);
  const overnight = used.map(({ open }, i) => Math.log(open / (bars[i]?.close ?? open)));
  const openToClose = used.map(({ open, close }) => Math.log(close / open));
  const k = 0.34 / (1.34 + (n + 1) / (n - 1));
  return sampleVariance(overnight) + k * sampleVariance(openToClose) + (1 - k) * (rogersSatchell(used) ?? 0);
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function sampleVariance(values: readonly number[]): number {
  const centre = mean(values) ?? 0;
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1);
}

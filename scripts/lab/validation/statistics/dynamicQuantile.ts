import { linearRegression } from "../../../../keeper/model/numerics/leastSquares.ts";
import { type TestResult, withPValue } from "./kupiec.ts";

/**
 * Dynamic quantile test: the de-meaned exceptions are regressed on a constant, `lags` of themselves and the forecast
 * itself; `DQ = b' X'X b / (p (1-p))` is chi-square with as many degrees of freedom as regressors when nothing known
 * beforehand predicts an exception. Null when the regressors are collinear (a constant forecast, or no exception at
 * all) or the series is too short. Give a series whose outcomes do not overlap.
 * Source: Engle & Manganelli, J. Business & Economic Statistics 22 (2004), in-sample form, 4 lags.
 * @param forecasts the quantile forecast of each day, same length
 */
export function dynamicQuantile(
  exceptions: readonly boolean[],
  forecasts: readonly number[],
  probability: number,
  lags = 4,
): TestResult | null {
  const hits = exceptions.map((hit) => (hit ? 1 : 0) - probability);
  const rows: number[][] = [];
  for (let i = lags; i < hits.length; i++) {
    const row = [1, forecasts[i] ?? Number.NaN];
    for (let lag = 1; lag <= lags; lag++) row.push(hits[i - lag] ?? 0);
    rows.push(row);
  }
  const outcomes = hits.slice(lags);
  const fit = linearRegression(rows, outcomes);
  if (fit === null) return null;
  // b'X'Xb is the squared length of the fitted values.
  const fitted = rows.reduce((sum, row) => sum + dot(row, fit.coefficients) ** 2, 0);
  return withPValue(fitted / (probability * (1 - probability)), fit.coefficients.length);
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
}

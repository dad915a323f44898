/** Mean of a series and its standard error, allowing for correlation up to `lag` neighbours. */
type MeanWithError = { readonly mean: number; readonly standardError: number };

/**
 * Mean with the heteroskedasticity- and autocorrelation-consistent standard error: weights `1 - j / (lag + 1)`.
 * Source: Newey & West, Econometrica 55 (1987). For outcomes over h steps taken at every step, lag h - 1 at least.
 * @example neweyWest([1, 2, 3, 4], 0) // { mean: 2.5, standardError: 0.559 }
 */
export function neweyWest(values: ArrayLike<number>, lag: number): MeanWithError {
  const n = values.length;
  let mean = 0;
  for (let i = 0; i < n; i++) mean += (values[i] ?? 0) / n;
  let variance = 0;
  for (let j = 0; j <= Math.min(lag, n - 1); j++) {
    let covariance = 0;
    for (let i = j; i < n; i++) covariance += ((values[i] ?? 0) - mean) * ((values[i - j] ?? 0) - mean);
    variance += ((j === 0 ? 1 : 2 * (1 - j / (lag + 1))) * covariance) / n;
  }
  return { mean, standardError: Math.sqrt(Math.max(0, variance) / n) };
}

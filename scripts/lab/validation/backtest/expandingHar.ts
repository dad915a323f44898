import { meanOfLast } from "../../../../keeper/model/history/dailyBars.ts";
import { LEAST_DAYS } from "../../../../keeper/model/history/varianceForecasts.ts";
import { ExpandingRegression } from "./expandingRegression.ts";

/**
 * The forecast of `harForecast` day after day: what that function gives for the variances so far, at a cost that does not
 * grow with them. Held to it by a differential test and by a sample in every report.
 */
export class ExpandingHar {
  readonly #fit = new ExpandingRegression(4);
  #previous: readonly number[] | null = null;
  #least = Number.POSITIVE_INFINITY;
  #most = 0;

  /**
   * Takes the newest day and returns the variance forecast for the next, or null.
   * @param variances all daily variances up to and including the newest, null for days without data
   */
  next(variances: readonly (number | null)[]): number | null {
    const today = variances.at(-1) ?? null;
    if (today !== null) {
      if (this.#previous !== null) this.#fit.push(this.#previous, Math.log(today));
      this.#least = Math.min(this.#least, today);
      this.#most = Math.max(this.#most, today);
    }
    const row = regressors(variances);
    this.#previous = row;
    if (row === null || this.#fit.rows < LEAST_DAYS) return null;
    const fit = this.#fit.solve();
    if (fit === null) return null;
    const log = row.reduce((sum, value, i) => sum + value * (fit.coefficients[i] ?? 0), 0);
    return Math.min(this.#most, Math.max(this.#least, Math.exp(log + fit.residualVariance / 2)));
  }
}

/** Day, week and month as in `varianceForecasts.ts`: days averaged, and how many must be known. */
const WINDOWS = [
  [1, 1],
  [7, 5],
  [30, 20],
] as const;

function regressors(variances: readonly (number | null)[]): readonly number[] | null {
  const row = [1];
  for (const [days, least] of WINDOWS) {
    const mean = meanOfLast(variances, days, least);
    if (mean === null || mean <= 0) return null;
    row.push(Math.log(mean));
  }
  return row;
}

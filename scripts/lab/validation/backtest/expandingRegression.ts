import type { Regression } from "../../../../keeper/model/numerics/leastSquares.ts";

/** Same rank rule as `linearRegression`. */
const RANK_TOLERANCE = 1e-10;

/**
 * Least squares on a growing set of rows. Each row is rotated into the triangle of the QR factorisation (Givens), so that
 * adding one costs the square of the columns and not the number of rows; the answer is that of `linearRegression` on all
 * rows, to rounding. Source: Golub & Van Loan, Matrix Computations, 5.1.8 and 6.5.
 */
export class ExpandingRegression {
  readonly #columns: number;
  readonly #triangle: Float64Array;
  readonly #squares: Float64Array;
  readonly #row: Float64Array;
  #residual = 0;
  #rows = 0;

  constructor(columns: number) {
    this.#columns = columns;
    this.#triangle = new Float64Array(columns * (columns + 1));
    this.#squares = new Float64Array(columns);
    this.#row = new Float64Array(columns + 1);
  }

  /** Rows so far. */
  get rows(): number {
    return this.#rows;
  }

  /** Adds one row and its outcome. */
  push(row: readonly number[], outcome: number): void {
    const p = this.#columns;
    const [w, r] = [this.#row, this.#triangle];
    for (let j = 0; j < p; j++) {
      w[j] = row[j] ?? 0;
      this.#squares[j] = (this.#squares[j] ?? 0) + (w[j] ?? 0) ** 2;
    }
    w[p] = outcome;
    for (let j = 0; j < p; j++) {
      const diagonal = r[j * (p + 1) + j] ?? 0;
      const value = w[j] ?? 0;
      if (value === 0) continue;
      const length = Math.hypot(diagonal, value);
      const [c, s] = [diagonal / length, value / length];
      for (let k = j; k <= p; k++) {
        const at = j * (p + 1) + k;
        const [upper, lower] = [r[at] ?? 0, w[k] ?? 0];
        r[at] = c * upper + s * lower;
        w[k] = c * lower - s * upper;
      }
    }
    this.#residual += (w[p] ?? 0) ** 2;
    this.#rows++;
  }

  /** Coefficients and residual variance of all rows so far; null where `linearRegression` says null. */
  solve(): Regression | null {
    const p = this.#columns;
    if (this.#rows <= p) return null;
    const coefficients: number[] = new Array(p).fill(0);
    for (let j = p - 1; j >= 0; j--) {
      const diagonal = this.#triangle[j * (p + 1) + j] ?? 0;
      if (!(Math.abs(diagonal) > RANK_TOLERANCE * Math.sqrt(this.#squares[j] ?? 0))) return null;
      let value = this.#triangle[j * (p + 1) + p] ?? 0;
      for (let k = j + 1; k < p; k++) value -= (this.#triangle[j * (p + 1) + k] ?? 0) * (coefficients[k] ?? 0);
      coefficients[j] = value / diagonal;
    }
    return { coefficients, residualVariance: this.#residual / (this.#rows - p) };
  }
}

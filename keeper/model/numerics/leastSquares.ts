import { TonsorError } from "../../domain/errors.ts";

/** Step of the forward differences, and the longest step of a search: unknowns are of the order of one. */
const STEP = 1e-6;
const LONGEST = 3;
const FIRST_DAMPING = 1e-3;
const LEAST_DAMPING = 1e-9;
const MOST_DAMPING = 1e9;

/**
 * Local minimum of the sum of squared residuals by Levenberg-Marquardt (D. Marquardt, 1963), with derivatives from forward
 * differences. Deterministic. Unknowns are of the order of one; a residual that is not a number marks forbidden ground, where
 * only the start must not lie. Ends when a step gains less than `tolerance` of the sum (relative) or none gains, or after
 * `maxIterations`.
 * @param residuals fills and returns an array of its own at each call, always of the same length
 * @example leastSquares(([x = 0]) => Float64Array.of(x * x - 2), [1])[0] // 1.41421
 */
export function leastSquares(
  residuals: (point: readonly number[]) => Float64Array,
  start: readonly number[],
  { tolerance = 1e-4, maxIterations = 20 }: { tolerance?: number; maxIterations?: number } = {},
): readonly number[] {
  let point = start;
  let here = residuals(point);
  let sum = dot(here, here);
  let damping = FIRST_DAMPING;
  for (let iteration = 0; iteration < maxIterations; iteration++) {
    const columns = point.map((x, j) => slopes(residuals(point.with(j, x + STEP)), here));
    const matrix = columns.map((column, j) => columns.slice(0, j + 1).map((other) => dot(column, other)));
    const right = columns.map((column) => -dot(column, here));
    let gain = 0;
    for (; gain === 0 && damping < MOST_DAMPING; damping *= 4) {
      const step = solveDamped(matrix, right, damping);
      if (!step.every((x) => Math.abs(x) <= LONGEST)) continue;
      const next = point.map((x, j) => x + (step[j] ?? 0));
      const there = residuals(next);
      const reached = dot(there, there);
      if (!(reached < sum)) continue;
      gain = 1 - reached / sum;
      [point, here, sum] = [next, there, reached];
      damping = Math.max(damping / 20, LEAST_DAMPING / 4);
    }
    if (gain < tolerance) break;
  }
  return point;
}

/** Forward differences, in place of the residuals a step away. */
function slopes(there: Float64Array, here: Float64Array): Float64Array {
  for (let i = 0; i < here.length; i++) there[i] = ((there[i] as number) - (here[i] as number)) / STEP;
  return there;
}

function dot(left: Float64Array, right: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < left.length; i++) sum += (left[i] as number) * (right[i] as number);
  return sum;
}

/**
 * Solves `(M + damping diag M) x = right` by Cholesky; `matrix` holds the lower triangle of M row by row. An unknown that
 * nothing depends on, a zero of the diagonal, gets zero.
 */
function solveDamped(matrix: readonly (readonly number[])[], right: readonly number[], damping: number): number[] {
  const rows: number[][] = [];
  const x: number[] = [];
  const at = (row: number, column: number) => rows[row]?.[column] as number;
  for (const [i, given] of matrix.entries()) {
    const row: number[] = [];
    rows.push(row);
    for (let j = 0; j <= i; j++) {
      let rest = i === j ? (given[j] as number) * (1 + damping) || 1 : (given[j] as number);
      for (let l = 0; l < j; l++) rest -= (row[l] as number) * at(j, l);
      row.push(i === j ? Math.sqrt(rest) : rest / at(j, j));
    }
    let rest = right[i] as number;
    for (let l = 0; l < i; l++) rest -= (row[l] as number) * (x[l] as number);
    x.push(rest / at(i, i));
  }
  for (let i = x.length - 1; i >= 0; i--) {
    let rest = x[i] as number;
    for (let l = i + 1; l < x.length; l++) rest -= at(l, i) * (x[l] as number);
    x[i] = rest / at(i, i);
  }
  return x;
}

/** Ordinary least squares: coefficients in the order of the columns, and the residual variance with n - p in it. */
export type Regression = { readonly coefficients: readonly number[]; readonly residualVariance: number };

/** A column whose remaining length falls below this share of its own is a combination of the others. */
const RANK_TOLERANCE = 1e-10;

/**
 * Least-squares fit of `y` on the columns of `rows`; include a column of ones for an intercept. Householder QR, which
 * keeps twice the digits of the normal equations. Null when there are no more rows than columns, or when a column is a
 * combination of the others. Source: Golub & Van Loan, Matrix Computations, 5.3.
 * @example linearRegression([[1, 0], [1, 1], [1, 2]], [1, 3, 5])?.coefficients // [1, 2]
 * @throws BAD_ARGUMENT when rows and y differ in length or rows are ragged
 */
export function linearRegression(rows: readonly (readonly number[])[], y: readonly number[]): Regression | null {
  const columns = rows[0]?.length ?? 0;
  if (rows.length !== y.length || rows.some((row) => row.length !== columns)) {
    const facts = { given: [rows.length, y.length], expected: "as many rows as values, all of one length" };
    throw new TonsorError("BAD_ARGUMENT", "rows and y do not fit", facts);
  }
  if (rows.length <= columns) return null;
  const q = Array.from({ length: columns }, (_, j) => columnOf(rows, j));
  const full = q.map((column) => norm(column, 0));
  const rest = Float64Array.from(y);
  const r: number[][] = [];
  for (const [j, column] of q.entries()) {
    const length = norm(column, j);
    if (!(length > RANK_TOLERANCE * (full[j] as number))) return null;
    const mirror = reflector(column, j, length);
    for (const other of q.slice(j)) reflect(mirror, other, j);
    reflect(mirror, rest, j);
    r.push(q.slice(j).map((other) => other[j] ?? 0));
  }
  return {
    coefficients: backSubstitute(r, rest),
    residualVariance: norm(rest, columns) ** 2 / (rows.length - columns),
  };
}

function columnOf(rows: readonly (readonly number[])[], j: number): Float64Array {
  const column = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) column[i] = rows[i]?.[j] ?? 0;
  return column;
}

function norm(values: Float64Array, from: number): number {
  let sum = 0;
  for (let i = from; i < values.length; i++) sum += (values[i] as number) * (values[i] as number);
  return Math.sqrt(sum);
}

/** Unit vector of the Householder reflection that turns `column` from row j on into (±length, 0, ...). */
function reflector(column: Float64Array, j: number, length: number): Float64Array {
  const v = column.slice(j);
  const head = v[0] ?? 0;
  v[0] = head + (head >= 0 ? length : -length);
  const size = norm(v, 0);
  for (let i = 0; i < v.length; i++) v[i] = (v[i] as number) / size;
  return v;
}

function reflect(mirror: Float64Array, target: Float64Array, from: number): void {
  let dot = 0;
  for (let i = 0; i < mirror.length; i++) dot += (mirror[i] as number) * (target[from + i] as number);
  for (let i = 0; i < mirror.length; i++)
    target[from + i] = (target[from + i] as number) - 2 * dot * (mirror[i] as number);
}

/** Solves the upper triangle; `r[j]` holds row j from its diagonal on. */
function backSubstitute(r: readonly (readonly number[])[], y: Float64Array): number[] {
  const x: number[] = new Array(r.length).fill(0);
  for (let j = r.length - 1; j >= 0; j--) {
    const row = r[j] ?? [];
    let value = y[j] ?? 0;
    for (let k = 1; k < row.length; k++) value -= (row[k] ?? 0) * (x[j + k] ?? 0);
    x[j] = value / (row[0] ?? Number.NaN);
  }
  return x;
}

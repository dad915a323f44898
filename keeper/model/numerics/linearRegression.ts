import { TonsorError } from "../../domain/errors.ts";

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
  const rest = Float64Array.from(y);
  const r: number[][] = [];
  for (const [j, column] of q.entries()) {
    const full = norm(columnOf(rows, j), 0);
    const length = norm(column, j);
    if (!(length > RANK_TOLERANCE * full)) return null;
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
  return v.map((value) => value / size);
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

/** Step of the forward differences, and the longest step of a search: unknowns are of the order of one. */
const STEP = 1e-6;
const LONGEST = 3;
const FIRST_DAMPING = 1e-3;
const LEAST_DAMPING = 1e-9;
const MOST_DAMPING = 1e9;

/**
 * Local minimum of the sum of squared residuals by Levenberg-Marquardt (D. Marquardt, 1963), with derivatives from forward
 * differences. Deterministic. Unknowns are to be scaled to the order of one; a residual that is not a number marks forbidden
 * ground, and only the start has to lie outside it. Ends when a step gains less than `tolerance` of the sum (relative), when
 * no step gains anything, or after `maxIterations`.
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

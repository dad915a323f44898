/** Normal equations of three unknowns: upper triangle [xx, xy, xz, yy, yz, zz], right-hand side, and the target's square. */
export type NormalEquations = {
  readonly matrix: readonly [number, number, number, number, number, number];
  readonly right: readonly [number, number, number];
  readonly square: number;
};

export type Triple = readonly [number, number, number];
export type BoxSolution = { readonly x: Triple; readonly residual: number };

/**
 * The least-squares solution of three unknowns inside the box [low, high], exactly: the unconstrained one when it lies
 * inside, else the best over the 26 faces, edges and corners. The quadratic is convex, so the best feasible candidate is
 * the optimum.
 * @example solveBoxLeastSquares({ matrix: [1, 0, 0, 1, 0, 1], right: [2, 0.5, -1], square: 5.25 }, [0, 0, 0], [1, 1, 1]).x
 * // [1, 0.5, 0]
 */
export function solveBoxLeastSquares(equations: NormalEquations, low: Triple, high: Triple): BoxSolution {
  let best: BoxSolution | null = null;
  for (const sides of FACES) {
    const x = solveOnFace(equations, sides, low, high);
    if (x === null || !isInside(x, low, high)) continue;
    const residual = residualAt(equations, x);
    // The first face is the whole interior: when its solution is feasible nothing beats it.
    if (sides === FACES[0]) return { x, residual };
    if (best === null || residual < best.residual) best = { x, residual };
  }
  return best ?? { x: low, residual: residualAt(equations, low) };
}

type Side = "free" | "low" | "high";
const SIDES: readonly Side[] = ["free", "low", "high"];
const FACES: readonly (readonly [Side, Side, Side])[] = SIDES.flatMap((first) =>
  SIDES.flatMap((second) => SIDES.map((third) => [first, second, third] as const)),
);

/** Gaussian elimination without pivoting on the free unknowns (the matrix is symmetric positive definite). */
function solveOnFace(
  { matrix: [xx, xy, xz, yy, yz, zz], right }: NormalEquations,
  sides: readonly [Side, Side, Side],
  low: Triple,
  high: Triple,
): Triple | null {
  const rows = [
    [xx, xy, xz, right[0]],
    [xy, yy, yz, right[1]],
    [xz, yz, zz, right[2]],
  ];
  const x: [number, number, number] = [0, 0, 0];
  for (let i = 0; i < 3; i++) {
    if (sides[i] === "free") continue;
    x[i] = (sides[i] === "low" ? low[i] : high[i]) as number;
    rows[i] = [i === 0 ? 1 : 0, i === 1 ? 1 : 0, i === 2 ? 1 : 0, x[i] as number];
  }
  return eliminate(rows as Row[]);
}

type Row = [number, number, number, number];

function eliminate(rows: Row[]): Triple | null {
  const [first, second, third] = rows as [Row, Row, Row];
  if (!(Math.abs(first[0]) > 0)) return null;
  const f = second[0] / first[0];
  const g = third[0] / first[0];
  const s1 = second[1] - f * first[1];
  const s2 = second[2] - f * first[2];
  const s3 = second[3] - f * first[3];
  const t1 = third[1] - g * first[1];
  if (!(Math.abs(s1) > 0)) return null;
  const h = t1 / s1;
  const t2 = third[2] - g * first[2] - h * s2;
  const t3 = third[3] - g * first[3] - h * s3;
  if (!(Math.abs(t2) > 0)) return null;
  const z = t3 / t2;
  const y = (s3 - s2 * z) / s1;
  return [(first[3] - first[1] * y - first[2] * z) / first[0], y, z];
}

function isInside(x: Triple, low: Triple, high: Triple): boolean {
  for (let i = 0; i < 3; i++) {
    const value = x[i] as number;
    if (!(value >= (low[i] as number) && value <= (high[i] as number))) return false;
  }
  return true;
}

function residualAt({ matrix: [xx, xy, xz, yy, yz, zz], right: [rx, ry, rz], square }: NormalEquations, x: Triple) {
  const [a, b, c] = x;
  const quadratic = xx * a * a + yy * b * b + zz * c * c + 2 * (xy * a * b + xz * a * c + yz * b * c);
  return square - 2 * (rx * a + ry * b + rz * c) + quadratic;
}

/** A point of the search and the value of the function there. */
type Minimum = { readonly point: readonly number[]; readonly value: number };

type Vertex = { readonly point: number[]; value: number };

/**
 * Local minimum of `objective` by the downhill simplex (J. Nelder, R. Mead, 1965) with the usual coefficients 1, 2, 1/2,
 * 1/2. Deterministic; infinite values mark forbidden ground. Ends when values and points of the simplex agree to `tolerance`
 * (relative), or after `maxIterations`. The point handed to `objective` is overwritten later: no memory is taken per step.
 * @example nelderMead(([x = 0, y = 0]) => (x - 1) ** 2 + y * y, [0, 1], [0.1, 0.1]).point // close to [1, 0]
 */
export function nelderMead(
  objective: (point: readonly number[]) => number,
  start: readonly number[],
  steps: readonly number[],
  { tolerance = 1e-8, maxIterations = 200 }: { tolerance?: number; maxIterations?: number } = {},
): Minimum {
  const size = start.length;
  const vertex = (axis: number): Vertex => {
    const point = start.map((x, i) => (i === axis ? x + (steps[i] ?? 0) : x));
    return { point, value: objective(point) };
  };
  const simplex = Array.from({ length: size + 1 }, (_, i) => vertex(i - 1));
  const centre: number[] = new Array(size).fill(0);
  let trial: Vertex = { point: [...start], value: 0 };
  let spare: Vertex = { point: [...start], value: 0 };
  for (let iteration = 0; iteration < maxIterations; iteration++) {
    sortByValue(simplex);
    const best = simplex[0] as Vertex;
    const second = simplex[size - 1] as Vertex;
    const worst = simplex[size] as Vertex;
    if (hasConverged(simplex, steps, tolerance)) break;
    setCentre(centre, simplex);
    const replaceWorst = (better: Vertex) => {
      simplex[size] = better;
      if (better === trial) trial = worst;
      else spare = worst;
    };
    move(trial, centre, worst, 1, objective);
    if (trial.value < best.value) {
      move(spare, centre, worst, 2, objective);
      replaceWorst(spare.value < trial.value ? spare : trial);
    } else if (trial.value < second.value) {
      replaceWorst(trial);
    } else {
      move(spare, centre, worst, trial.value < worst.value ? 0.5 : -0.5, objective);
      if (spare.value < Math.min(trial.value, worst.value)) replaceWorst(spare);
      else shrink(simplex, objective);
    }
  }
  sortByValue(simplex);
  return simplex[0] as Vertex;
}

/** Puts `vertex` on the line from `worst` through `centre`, `factor` times the distance beyond it. */
function move(
  vertex: Vertex,
  centre: readonly number[],
  worst: Vertex,
  factor: number,
  objective: (point: readonly number[]) => number,
): void {
  const { point } = vertex;
  for (let i = 0; i < point.length; i++) {
    const x = centre[i] as number;
    point[i] = x + factor * (x - (worst.point[i] as number));
  }
  vertex.value = objective(point);
}

/** The mean of all vertices but the last, which is the worst. */
function setCentre(centre: number[], simplex: readonly Vertex[]): void {
  const count = simplex.length - 1;
  for (let i = 0; i < count; i++) {
    let sum = 0;
    for (let j = 0; j < count; j++) sum += (simplex[j] as Vertex).point[i] as number;
    centre[i] = sum / count;
  }
}

function shrink(simplex: readonly Vertex[], objective: (point: readonly number[]) => number): void {
  const best = simplex[0] as Vertex;
  for (let j = 1; j < simplex.length; j++) {
    const vertex = simplex[j] as Vertex;
    for (let i = 0; i < vertex.point.length; i++) {
      vertex.point[i] = ((vertex.point[i] as number) + (best.point[i] as number)) / 2;
    }
    vertex.value = objective(vertex.point);
  }
}

/** Insertion sort: stable, and all but one vertex stand in order already. */
function sortByValue(simplex: Vertex[]): void {
  for (let i = 1; i < simplex.length; i++) {
    const vertex = simplex[i] as Vertex;
    let j = i;
    for (; j > 0 && (simplex[j - 1] as Vertex).value > vertex.value; j--) simplex[j] = simplex[j - 1] as Vertex;
    simplex[j] = vertex;
  }
}

function hasConverged(simplex: readonly Vertex[], steps: readonly number[], tolerance: number): boolean {
  const best = simplex[0] as Vertex;
  const worst = simplex[simplex.length - 1] as Vertex;
  if (!(worst.value - best.value <= tolerance * Math.abs(best.value) + 1e-300)) return false;
  const reach = Math.sqrt(tolerance);
  return simplex.every((vertex) =>
    vertex.point.every((x, i) => Math.abs(x - (best.point[i] ?? 0)) <= reach * Math.abs(steps[i] ?? 1)),
  );
}

/** Normal equations of three unknowns: upper triangle [xx, xy, xz, yy, yz, zz], right-hand side, and the target's square. */
type NormalEquations = {
  readonly matrix: readonly [number, number, number, number, number, number];
  readonly right: readonly [number, number, number];
  readonly square: number;
};

type Triple = readonly [number, number, number];
type BoxSolution = { readonly x: Triple; readonly residual: number };

/**
 * The least-squares solution of three unknowns inside the box [low, high], exactly: the unconstrained one when it lies
 * inside, else the best over the six faces, each the same problem with two unknowns, and its edges with one. The quadratic is
 * convex.
 * @example solveBoxLeastSquares({ matrix: [1, 0, 0, 1, 0, 1], right: [2, 0.5, -1], square: 5.25 }, [0, 0, 0], [1, 1, 1]).x
 * // [1, 0.5, 0]
 */
export function solveBoxLeastSquares(equations: NormalEquations, low: Triple, high: Triple): BoxSolution {
  const [xx, xy, xz, yy, yz, zz] = equations.matrix;
  const [rx, ry, rz] = equations.right;
  const [lx, ly, lz] = low;
  const [hx, hy, hz] = high;
  const inside = unconstrained(equations);
  if (inside !== null) {
    const [x, y, z] = inside;
    if (x >= lx && x <= hx && y >= ly && y <= hy && z >= lz && z <= hz) {
      return { x: inside, residual: residualAt(equations, inside) };
    }
  }
  const face: Corner = { x: 0, y: 0, value: 0 };
  let best: Triple = low;
  let least = Number.POSITIVE_INFINITY;
  for (let side = 0; side < 2; side++) {
    const x = side === 0 ? lx : hx;
    bestInRectangle(yy, yz, zz, ry - xy * x, rz - xz * x, ly, hy, lz, hz, face);
    const onX = face.value + x * (xx * x - 2 * rx);
    if (onX < least) [least, best] = [onX, [x, face.x, face.y]];
    const y = side === 0 ? ly : hy;
    bestInRectangle(xx, xz, zz, rx - xy * y, rz - yz * y, lx, hx, lz, hz, face);
    const onY = face.value + y * (yy * y - 2 * ry);
    if (onY < least) [least, best] = [onY, [face.x, y, face.y]];
    const z = side === 0 ? lz : hz;
    bestInRectangle(xx, xy, yy, rx - xz * z, ry - yz * z, lx, hx, ly, hy, face);
    const onZ = face.value + z * (zz * z - 2 * rz);
    if (onZ < least) [least, best] = [onZ, [face.x, face.y, z]];
  }
  return { x: best, residual: residualAt(equations, best) };
}

/** A place in a plane, and the quadratic there. Filled in anew for each face: a fit asks for thousands of them. */
type Corner = { x: number; y: number; value: number };

/** Least `xx x^2 + 2 xy x y + yy y^2 - 2 rx x - 2 ry y` over a rectangle. Plain numbers: six calls a solution, and objects
 * would cost more than the arithmetic. */
function bestInRectangle(
  xx: number,
  xy: number,
  yy: number,
  rx: number,
  ry: number,
  lx: number,
  hx: number,
  ly: number,
  hy: number,
  best: Corner,
): void {
  const determinant = xx * yy - xy * xy;
  if (determinant > 0) {
    const x = (rx * yy - ry * xy) / determinant;
    const y = (ry * xx - rx * xy) / determinant;
    if (x >= lx && x <= hx && y >= ly && y <= hy) {
      keep(best, x, y, -rx * x - ry * y);
      return;
    }
  }
  best.value = Number.POSITIVE_INFINITY;
  for (let side = 0; side < 2; side++) {
    const x = side === 0 ? lx : hx;
    const along = bestInSpan(yy, ry - xy * x, ly, hy);
    const onX = x * (xx * x - 2 * rx) + along * (yy * along + 2 * xy * x - 2 * ry);
    if (onX < best.value) keep(best, x, along, onX);
    const y = side === 0 ? ly : hy;
    const across = bestInSpan(xx, rx - xy * y, lx, hx);
    const onY = y * (yy * y - 2 * ry) + across * (xx * across + 2 * xy * y - 2 * rx);
    if (onY < best.value) keep(best, across, y, onY);
  }
}

/** Least `square x^2 - 2 right x` over [low, high]. */
function bestInSpan(square: number, right: number, low: number, high: number): number {
  if (!(square > 0)) return right > 0 ? high : low;
  return Math.min(high, Math.max(low, right / square));
}

function keep(best: Corner, x: number, y: number, value: number): void {
  best.x = x;
  best.y = y;
  best.value = value;
}

/** Gaussian elimination without pivoting (the matrix is symmetric and positive semidefinite); null when singular. */
function unconstrained({ matrix: [xx, xy, xz, yy, yz, zz], right: [rx, ry, rz] }: NormalEquations): Triple | null {
  if (!(xx > 0)) return null;
  const f = xy / xx;
  const g = xz / xx;
  const s1 = yy - f * xy;
  const s2 = yz - f * xz;
  const s3 = ry - f * rx;
  if (!(Math.abs(s1) > 0)) return null;
  const h = (yz - g * xy) / s1;
  const t2 = zz - g * xz - h * s2;
  if (!(Math.abs(t2) > 0)) return null;
  const z = (rz - g * rx - h * s3) / t2;
  const y = (s3 - s2 * z) / s1;
  return [(rx - xy * y - xz * z) / xx, y, z];
}

function residualAt({ matrix: [xx, xy, xz, yy, yz, zz], right: [rx, ry, rz], square }: NormalEquations, x: Triple) {
  const [a, b, c] = x;
  const quadratic = xx * a * a + yy * b * b + zz * c * c + 2 * (xy * a * b + xz * a * c + yz * b * c);
  return square - 2 * (rx * a + ry * b + rz * c) + quadratic;
}

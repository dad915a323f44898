/** A point of the search and the value of the function there. */
type Minimum = { readonly point: readonly number[]; readonly value: number };

type Vertex = { readonly point: number[]; value: number };

/**
 * Local minimum of `objective` by the downhill simplex (J. Nelder, R. Mead, 1965) with the usual coefficients 1, 2, 1/2,
 * 1/2. Deterministic; infinite values are allowed and mark forbidden ground. Ends when values and points of the simplex
 * agree to `tolerance` (relative), or after `maxIterations`. The point handed to `objective` is overwritten later: it must
 * not be kept. No memory is taken per step, as a surface asks for ten thousand of them.
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

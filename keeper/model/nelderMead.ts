/** A point of the search and the value of the function there. */
export type Minimum = { readonly point: readonly number[]; readonly value: number };

type Vertex = { point: number[]; value: number };

/**
 * Local minimum of `objective` by the downhill simplex (J. Nelder, R. Mead, 1965) with the usual coefficients 1, 2, 1/2,
 * 1/2. Deterministic; infinite values are allowed and mark forbidden ground. Ends when values and points of the simplex
 * agree to `tolerance` (relative), or after `maxIterations`.
 * @example nelderMead(([x = 0, y = 0]) => (x - 1) ** 2 + y * y, [0, 1], [0.1, 0.1]).point // close to [1, 0]
 */
export function nelderMead(
  objective: (point: readonly number[]) => number,
  start: readonly number[],
  steps: readonly number[],
  { tolerance = 1e-8, maxIterations = 200 }: { tolerance?: number; maxIterations?: number } = {},
): Minimum {
  const evaluate = (point: number[]): Vertex => ({ point, value: objective(point) });
  const moved = start.map((_, axis) => evaluate(start.map((x, i) => (i === axis ? x + (steps[i] ?? 0) : x))));
  const simplex: Vertex[] = [evaluate([...start]), ...moved];
  for (let iteration = 0; iteration < maxIterations; iteration++) {
    simplex.sort((left, right) => left.value - right.value);
    const best = simplex[0] as Vertex;
    const worst = simplex.at(-1) as Vertex;
    const second = simplex.at(-2) as Vertex;
    if (hasConverged(simplex, steps, tolerance)) break;
    const centre = start.map((_, i) => mean(simplex.slice(0, -1).map((vertex) => vertex.point[i] ?? 0)));
    const along = (factor: number) => evaluate(centre.map((x, i) => x + factor * (x - (worst.point[i] ?? 0))));
    const reflected = along(1);
    if (reflected.value < best.value) {
      const expanded = along(2);
      simplex[simplex.length - 1] = expanded.value < reflected.value ? expanded : reflected;
    } else if (reflected.value < second.value) {
      simplex[simplex.length - 1] = reflected;
    } else {
      const contracted = reflected.value < worst.value ? along(0.5) : along(-0.5);
      if (contracted.value < Math.min(reflected.value, worst.value)) simplex[simplex.length - 1] = contracted;
      else shrink(simplex, evaluate);
    }
  }
  simplex.sort((left, right) => left.value - right.value);
  return simplex[0] as Vertex;
}

function shrink(simplex: Vertex[], evaluate: (point: number[]) => Vertex): void {
  const best = simplex[0] as Vertex;
  for (let i = 1; i < simplex.length; i++) {
    const vertex = simplex[i] as Vertex;
    simplex[i] = evaluate(vertex.point.map((x, axis) => (x + (best.point[axis] ?? 0)) / 2));
  }
}

function hasConverged(simplex: readonly Vertex[], steps: readonly number[], tolerance: number): boolean {
  const best = simplex[0] as Vertex;
  const worst = simplex.at(-1) as Vertex;
  if (!(worst.value - best.value <= tolerance * Math.abs(best.value) + 1e-300)) return false;
  return simplex.every((vertex) =>
    vertex.point.every((x, i) => Math.abs(x - (best.point[i] ?? 0)) <= Math.sqrt(tolerance) * Math.abs(steps[i] ?? 1)),
  );
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

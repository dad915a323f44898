import assert from "node:assert/strict";
import { test } from "node:test";
import { nelderMead } from "../../../keeper/model/numerics/minimise.ts";
import { near } from "../../support/near.ts";

test("a bowl is descended to its bottom", () => {
  const { point } = nelderMead(([x = 0, y = 0]) => (x - 1) ** 2 + y * y, [0, 1], [0.1, 0.1]);
  near(point[0] ?? 0, 1, 1e-4, "x");
  near(point[1] ?? 9, 0, 1e-4, "y");
});

test("Rosenbrock's valley is followed to (1, 1)", () => {
  const valley = ([x = 0, y = 0]: readonly number[]) => 100 * (y - x * x) ** 2 + (1 - x) ** 2;
  const { point, value } = nelderMead(valley, [-1.2, 1], [0.5, 0.5], { tolerance: 1e-14, maxIterations: 500 });
  near(point[0] ?? 0, 1, 1e-4, "x");
  near(point[1] ?? 0, 1, 1e-4, "y");
  assert.ok(value < 1e-8);
});

test("forbidden ground is never returned", () => {
  const { point } = nelderMead(([x = 0]) => (x < 0.5 ? Number.POSITIVE_INFINITY : x), [2], [0.3]);
  near(point[0] ?? 0, 0.5, 1e-3, "edge");
});

test("the same start gives the same answer, and the number of iterations is bounded", () => {
  let calls = 0;
  const search = () =>
    nelderMead(
      ([x = 0, y = 0]) => {
        calls++;
        return Math.cos(x * 3) + Math.sin(y * 5) + x * x + y * y;
      },
      [1, 1],
      [0.2, 0.2],
      { maxIterations: 40 },
    );
  assert.deepEqual(search(), search());
  assert.ok(calls <= 2 * (3 + 40 * 4), `${calls} calls`);
});

test("the search calls the objective with one array, and what it returns stays as it was found", () => {
  const seen = new Set<readonly number[]>();
  const bowl = (point: readonly number[]) => {
    seen.add(point);
    return ((point[0] ?? 0) - 3) ** 2 + ((point[1] ?? 0) + 1) ** 2;
  };
  const found = nelderMead(bowl, [0, 0], [1, 1]);
  assert.ok(seen.size <= 5, `${seen.size} arrays for three vertices and two trials`);
  near(found.value, bowl(found.point), 0, "the value belongs to the point");
});

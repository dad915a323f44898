import assert from "node:assert/strict";
import { test } from "node:test";
import { leastSquares } from "../../../keeper/model/numerics/leastSquares.ts";
import { near } from "../../support/near.ts";

test("Rosenbrock's valley is followed to (1, 1)", () => {
  const valley = ([x = 0, y = 0]: readonly number[]) => Float64Array.of(10 * (y - x * x), 1 - x);
  const [x, y] = leastSquares(valley, [-1.2, 1], { tolerance: 1e-12, maxIterations: 100 });
  near(x ?? 0, 1, 1e-6, "x");
  near(y ?? 0, 1, 1e-6, "y");
});

test("a decay is found in its own samples", () => {
  const samples = Array.from({ length: 9 }, (_, i) => 2.5 * Math.exp(-0.7 * i));
  const misses = ([height = 0, rate = 0]: readonly number[]) =>
    Float64Array.from(samples, (sample, i) => height * Math.exp(-rate * i) - sample);
  const [height, rate] = leastSquares(misses, [1, 0.1], { tolerance: 1e-12, maxIterations: 100 });
  near(height ?? 0, 2.5, 1e-6, "height");
  near(rate ?? 0, 0.7, 1e-6, "rate");
});

test("an unknown that nothing depends on stays where it is", () => {
  const [x, idle] = leastSquares(([x = 0]) => Float64Array.of(x - 2), [0.5, 7]);
  assert.deepEqual([x?.toFixed(3), idle], ["2.000", 7]);
});

test("forbidden ground is never returned", () => {
  const [x] = leastSquares(([x = 0]) => Float64Array.of(x < 0.5 ? Number.NaN : x), [2], { maxIterations: 60 });
  assert.ok(x !== undefined && x >= 0.5 && x < 0.6, `${x}`);
});

test("the sum never rises, and the number of evaluations is bounded", () => {
  let calls = 0;
  const wave = ([x = 0, y = 0]: readonly number[]) => {
    calls += 1;
    return Float64Array.of(Math.cos(3 * x), Math.sin(5 * y), x, y);
  };
  const sum = (point: readonly number[]) => wave(point).reduce((total, value) => total + value * value, 0);
  assert.ok(sum(leastSquares(wave, [1, 1], { maxIterations: 10 })) <= sum([1, 1]));
  assert.ok(calls <= 3 + 10 * (2 + 22), `${calls} calls`);
});

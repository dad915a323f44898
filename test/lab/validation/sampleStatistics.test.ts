import assert from "node:assert/strict";
import { test } from "node:test";
import { correlation, mean, quantile, rootMeanSquare } from "../../../scripts/lab/validation/sampleStatistics.ts";
import { near } from "../../support/near.ts";

test("statistics of an empty sample are unknown, not zero", () => {
  for (const value of [quantile([], 0.5), mean([]), rootMeanSquare([]), correlation([])]) assert.equal(value, null);
});

test("quantiles are values of the sample, whatever its order", () => {
  const sample = [5, 1, 4, 2, 3, 10, 9, 8, 7, 6];
  assert.equal(quantile(sample, 0), 1);
  assert.equal(quantile(sample, 0.5), 6);
  assert.equal(quantile(sample, 0.99), 10);
  assert.equal(quantile(sample, 1), 10);
  assert.deepEqual(sample[0], 5, "the sample itself stays as it was");
});

test("mean, root mean square and correlation give the values of the docstrings", () => {
  assert.equal(mean([1, 2, 6]), 3);
  near(rootMeanSquare([3, 4]) ?? 0, 3.5355339, 1e-7);
  const pairs = [
    [1, 2],
    [2, 4],
    [3, 7],
  ] as const;
  near(correlation(pairs) ?? 0, 0.9933993, 1e-7);
  near(correlation(pairs.map(([x, y]) => [x, -y] as const)) ?? 0, -0.9933993, 1e-7);
});

test("the correlation with something that does not move is unknown", () => {
  const still = [
    [1, 5],
    [2, 5],
    [3, 5],
  ] as const;
  assert.equal(correlation(still), null);
  assert.equal(correlation(still.slice(0, 2)), null);
});

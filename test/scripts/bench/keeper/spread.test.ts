import assert from "node:assert/strict";
import { test } from "node:test";
import { spreadOf } from "../../../../scripts/bench/keeper/spread.ts";

test("a spread is the median, the nearest rank of 99 in 100 and the largest", () => {
  assert.deepEqual(spreadOf([3, 1, 2]), { count: 3, median: 2, p99: 3, worst: 3 });
  const hundreds = Array.from({ length: 200 }, (_, i) => 200 - i);
  assert.deepEqual(spreadOf(hundreds), { count: 200, median: 101, p99: 198, worst: 200 });
});

test("a spread of nothing is no number, so that nothing measured cannot meet a mark", () => {
  const { count, median, p99, worst } = spreadOf([]);
  assert.equal(count, 0);
  for (const value of [median, p99, worst]) assert.ok(Number.isNaN(value));
});

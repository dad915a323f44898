import assert from "node:assert/strict";
import test from "node:test";
import { timeline } from "../../../keeper/model/depth/timeline.ts";

const flat = (age: number): number => age;

test("between two samples, and between the last one and now, the lower value counts", () => {
  const line = timeline(
    [
      [0, 10],
      [40, 2],
      [60, 30],
    ],
    100,
    20,
  );
  assert.equal(line.span, 100);
  // 0-40 at 2, 40-60 at 2, 60-100 at 20.
  assert.equal(line.mean(100, flat), (60 * 2 + 40 * 20) / 100);
  assert.equal(line.mean(50, flat), (10 * 2 + 40 * 20) / 50);
  assert.equal(line.quantile(100, 0.1), 2);
  assert.equal(line.quantile(100, 0.6), 2, "just so long");
  assert.equal(line.quantile(100, 0.61), 20);
  assert.equal(line.quantile(30, 0.1), 20);
});

test("a value seen in one sample only holds for no time", () => {
  const line = timeline(
    [
      [0, 1],
      [50, 1000],
      [60, 1],
    ],
    100,
    1,
  );
  assert.equal(line.mean(100, flat), 1);
  assert.equal(line.quantile(100, 1), 1);
});

test("what lasts for no time is in no window: a sample of now, one of two of a moment, and one that ends where the window begins", () => {
  const line = timeline(
    [
      [40, 3],
      [70, 9],
      [70, 1],
      [100, 2],
    ],
    100,
    8,
  );
  // 40-70 at 3, 70-100 at 2.
  assert.equal(line.quantile(30, 0), 2);
  assert.equal(timeline([[100, 2]], 100, 8).quantile(30, 0), null);
  assert.equal(
    timeline(
      [
        [0, 1],
        [70, 5],
      ],
      100,
      8,
    ).quantile(30, 0),
    5,
    "what ends there",
  );
});

test("without samples there is nothing to average", () => {
  const line = timeline([], 100, 5);
  assert.equal(line.span, 0);
  assert.equal(line.mean(100, flat), null);
  assert.equal(line.quantile(100, 0.1), null);
});

test("a constant comes out as itself, to the bit, whatever the weights", () => {
  const samples = Array.from({ length: 50 }, (_, i): [number, number] => [i * 1.7, 0.1]);
  const line = timeline(samples, 100, 0.1);
  assert.equal(
    line.mean(90, (age) => -Math.expm1(-age / 7)),
    0.1,
  );
});

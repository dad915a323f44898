import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { lowerMedian, median, upperMedian } from "../../keeper/domain/median.ts";

test("of an odd count both are the middle value, of an even count the one on their side", () => {
  assert.deepEqual([upperMedian([0.5, null, 0.6]), lowerMedian([0.5, null, 0.6])], [0.6, 0.5]);
  assert.deepEqual([upperMedian([3, 1, 2]), lowerMedian([3, 1, 2])], [2, 2]);
  assert.deepEqual([upperMedian([4, 1, 3, 2]), lowerMedian([4, 1, 3, 2])], [3, 2]);
  assert.deepEqual([upperMedian([7]), lowerMedian([7])], [7, 7]);
});

test("the plain median is the mean of the two middle values, and NaN of none", () => {
  assert.equal(median([3, 1, 2, 10]), 2.5);
  assert.equal(median([5]), 5);
  assert.equal(median([1e308, 1.5e308]), 1.25e308);
  assert.equal(median([]), Number.NaN);
});

test("of nothing there is none", () => {
  for (const values of [[], [null, null]]) assert.deepEqual([upperMedian(values), lowerMedian(values)], [null, null]);
});

const number = fc.double({ min: -1e6, max: 1e6, noNaN: true });

test("one wrong value of three or more leaves both within what the others say", () => {
  const property = fc.property(fc.array(number, { minLength: 2, maxLength: 7 }), number, (honest, wrong) => {
    const [least, most] = [Math.min(...honest), Math.max(...honest)];
    for (const found of [upperMedian([...honest, wrong]), lowerMedian([...honest, wrong])]) {
      assert.ok(found !== null && (honest.length < 2 || (found >= least && found <= most)));
    }
  });
  fc.assert(property, { numRuns: 1000, seed: 1 });
});

test("the order of the values changes nothing, and the upper is never below the lower", () => {
  const property = fc.property(fc.array(number, { minLength: 1, maxLength: 7 }), (values) => {
    assert.equal(upperMedian(values.toReversed()), upperMedian(values));
    assert.ok((upperMedian(values) ?? 0) >= (lowerMedian(values) ?? 0));
  });
  fc.assert(property, { numRuns: 500, seed: 2 });
});

import assert from "node:assert/strict";
import { describe, it, test } from "node:test";
import fc from "fast-check";
import { YEAR_SECONDS } from "../../keeper/domain/calendar.ts";
import { TonsorError } from "../../keeper/domain/errors.ts";
import { countWhile, fraction, haircutToBpsUp, lowerMedian, median, upperMedian } from "../../keeper/domain/numbers.ts";

function refusal(work: () => unknown): TonsorError {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof TonsorError, String(error));
    return error;
  }
  assert.fail("it was accepted");
}

describe("fraction", () => {
  it("passes every value of its range on unchanged, both ends included", () => {
    for (const value of [0, 0.05, 1]) assert.equal(fraction(value), value);
  });

  it("refuses what lies outside, naming field, value and range", () => {
    for (const given of [-1e-9, 1.000001, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      const error = refusal(() => fraction(given));
      assert.equal(error.code, "OUT_OF_RANGE");
      assert.deepEqual(error.facts, { field: "fraction", given, expected: "a fraction in [0, 1]" });
      assert.equal(
        error.message,
        `fraction is out of range; field fraction; given ${given}; expected a fraction in [0, 1]`,
      );
    }
    assert.equal(refusal(() => fraction(2, "model.idiosyncratic")).facts.field, "model.idiosyncratic");
  });
});

it("a year has 365 days", () => assert.equal(YEAR_SECONDS, 365 * 86_400));

describe("haircutToBpsUp", () => {
  it("rounds up against the borrower", () => {
    assert.equal(haircutToBpsUp(0.16601), 1661);
    assert.equal(haircutToBpsUp(0.166), 1660);
    assert.equal(haircutToBpsUp(0), 0);
    assert.equal(haircutToBpsUp(1), 10_000);
  });

  it("takes what a float put a hair above a whole basis point for that basis point", () => {
    assert.equal(haircutToBpsUp(0.15), 1500);
    for (let whole = 0; whole <= 10_000; whole += 1) assert.equal(haircutToBpsUp(whole / 10_000), whole);
    assert.equal(haircutToBpsUp(0.15 + 0.9e-13), 1500);
    assert.equal(haircutToBpsUp(0.15 + 1.5e-13), 1501);
  });

  it("refuses what is no fraction, naming field, value and range", () => {
    for (const given of [-0.01, 1.01, Number.NaN]) {
      const { code, facts } = refusal(() => haircutToBpsUp(given));
      assert.deepEqual([code, facts], ["OUT_OF_RANGE", { field: "haircut", given, expected: "a fraction in [0, 1]" }]);
    }
    assert.equal(refusal(() => haircutToBpsUp(2, "target.initial")).facts.field, "target.initial");
  });
});

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

test("counts what comes before the first that fails, without looking at every item", () => {
  assert.equal(
    countWhile([1, 3, 5, 7], (item) => item < 5),
    2,
  );
  for (const bound of [-1, 0, 1, 500, 999, 2_000]) {
    let asked = 0;
    const items = Array.from({ length: 1_000 }, (_, i) => i);
    const found = countWhile(items, (item) => ++asked > 0 && item < bound);
    assert.equal(found, items.filter((item) => item < bound).length, `${bound}`);
    assert.ok(asked <= 10, `${asked}`);
  }
});

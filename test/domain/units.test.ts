import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { YEAR_SECONDS } from "../../keeper/domain/calendar.ts";
import { TonsorError } from "../../keeper/domain/errors.ts";
import { fraction, haircutToBpsUp } from "../../keeper/domain/units.ts";

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

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { YEAR_SECONDS } from "../../keeper/domain/calendar.ts";
import { TonsorError } from "../../keeper/domain/errors.ts";
import {
  BPS_ONE,
  bps,
  fraction,
  haircutToBpsUp,
  unixSeconds,
  usd,
  vol,
  years,
  yearsFromSeconds,
} from "../../keeper/domain/units.ts";

type Make = (value: number, field?: string) => number;

/** Every unit with its example, both ends of its range and what lies just outside. */
const UNITS: readonly {
  readonly make: Make;
  readonly field: string;
  readonly expected: string;
  readonly inside: readonly number[];
  readonly outside: readonly number[];
}[] = [
  {
    make: bps,
    field: "bps",
    expected: "a whole number in [0, 10000]",
    inside: [0, 1, 1660, 10_000],
    outside: [-1, 10_001, 0.5],
  },
  {
    make: vol,
    field: "volatility",
    expected: "a fraction a year in [0, 10] (0.6 means 60 %)",
    inside: [0, 0.6, 10],
    outside: [-1e-9, 10.000001, 60],
  },
  {
    make: years,
    field: "years",
    expected: "years in [0, 100]",
    inside: [0, 1 / 365, 100],
    outside: [-1e-9, 100.000001],
  },
  {
    make: usd,
    field: "usd",
    expected: "a finite amount in US dollars >= 0",
    inside: [0, 0.5, 2_000_000, 1e15],
    outside: [-1e-9],
  },
  {
    make: fraction,
    field: "fraction",
    expected: "a fraction in [0, 1]",
    inside: [0, 0.05, 1],
    outside: [-1e-9, 1.000001],
  },
  {
    make: unixSeconds,
    field: "time",
    expected: "whole seconds in [0, 2^40)",
    inside: [0, 1_769_572_847, 2 ** 40 - 1],
    outside: [-1, 2 ** 40, 0.5],
  },
];

function refusal(work: () => unknown): TonsorError {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof TonsorError, String(error));
    return error;
  }
  assert.fail("it was accepted");
}

for (const { make, field, expected, inside, outside } of UNITS) {
  describe(`the unit of ${field}`, () => {
    it("passes every value of its range on unchanged, both ends included", () => {
      for (const value of inside) assert.equal(make(value), value);
    });

    it("refuses what lies outside, naming field, value and range", () => {
      for (const value of [...outside, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
        const error = refusal(() => make(value));
        assert.equal(error.code, "OUT_OF_RANGE");
        assert.deepEqual(error.facts, { field, given: value, expected });
        assert.equal(error.message, `${field} is out of range; field ${field}; given ${value}; expected ${expected}`);
      }
    });

    it("names the field it was told", () => {
      const [first = Number.NaN] = outside;
      assert.equal(refusal(() => make(first, "model.tailLevel")).facts.field, "model.tailLevel");
    });
  });
}

describe("yearsFromSeconds", () => {
  it("counts ACT/365: a day is 0.0027397 years, 365 days are one", () => {
    assert.equal(yearsFromSeconds(86_400).toFixed(7), "0.0027397");
    assert.equal(YEAR_SECONDS, 365 * 86_400);
    assert.equal(yearsFromSeconds(YEAR_SECONDS), 1);
    assert.equal(refusal(() => yearsFromSeconds(-1)).facts.field, "seconds as years");
  });
});

describe("haircutToBpsUp", () => {
  it("rounds up against the borrower", () => {
    assert.equal(haircutToBpsUp(0.16601), 1661);
    assert.equal(haircutToBpsUp(0.166), 1660);
    assert.equal(haircutToBpsUp(0), 0);
    assert.equal(haircutToBpsUp(1), BPS_ONE);
  });

  it("takes what a float put a hair above a whole basis point for that basis point", () => {
    assert.equal(haircutToBpsUp(0.15), 1500);
    for (let whole = 0; whole <= BPS_ONE; whole += 1) assert.equal(haircutToBpsUp(whole / BPS_ONE), whole);
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

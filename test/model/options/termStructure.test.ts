import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import { SHORTEST_EXPIRY_YEARS } from "../../../keeper/model/options/optionQuotes.ts";
import { volatilityAt } from "../../../keeper/model/options/surface.ts";
import { near } from "../../support/near.ts";

/** Total variance at a horizon: the square of its volatility times its years. */
const totalVarianceAt = (points: Parameters<typeof volatilityAt>[0], years: number): number | null => {
  const vol = volatilityAt(points, years);
  return vol === null ? null : vol * vol * years;
};

const points = [
  { years: 0.1, totalVariance: 0.036 },
  { years: 0.2, totalVariance: 0.05 },
];

test("between expiries total variance is linear in time", () => {
  near(totalVarianceAt(points, 0.15) ?? 0, 0.043, 1e-15);
  near(totalVarianceAt(points, 0.2) ?? 0, 0.05, 1e-15);
});

test("volatility is never interpolated: half way is not the mean of the volatilities", () => {
  const vol = volatilityAt(points, 0.15) ?? 0;
  near(vol, Math.sqrt(0.043 / 0.15), 1e-15);
  assert.ok(Math.abs(vol - (0.6 + 0.5) / 2) > 0.01);
});

test("before the first expiry the forward variance is flat", () => {
  near(volatilityAt([{ years: 0.1, totalVariance: 0.036 }], 1 / 365) ?? 0, 0.6, 1e-15);
  near(volatilityAt(points, 0.05) ?? 0, 0.6, 1e-15);
});

test("after the last expiry its volatility holds", () => {
  near(volatilityAt(points, 1) ?? 0, 0.5, 1e-15);
});

test("expiries under twelve hours are left out", () => {
  const near12h = { years: SHORTEST_EXPIRY_YEARS * 0.99, totalVariance: 1 };
  assert.equal(volatilityAt([near12h], 1 / 365), null);
  near(volatilityAt([near12h, ...points], 0.05) ?? 0, 0.6, 1e-15);
  near(SHORTEST_EXPIRY_YEARS * 365 * 24, 12, 1e-12);
});

test("nothing usable gives null", () => {
  assert.equal(totalVarianceAt([], 0.1), null);
});

test("calendar arbitrage does not lower a volatility: the earlier total variance is carried on", () => {
  const inverted = [
    { years: 0.1, totalVariance: 0.06 },
    { years: 0.2, totalVariance: 0.05 },
  ];
  near(totalVarianceAt(inverted, 0.2) ?? 0, 0.06, 1e-15);
  near(totalVarianceAt(inverted, 0.15) ?? 0, 0.06, 1e-15);
});

test("total variance never falls with the horizon, whatever the points and their order", () => {
  const point = fc.record({
    years: fc.double({ min: 0.001, max: 2, noNaN: true }),
    totalVariance: fc.double({ min: 1e-5, max: 1, noNaN: true }),
  });
  fc.assert(
    fc.property(
      fc.uniqueArray(point, { minLength: 1, maxLength: 8, selector: ({ years }) => years }),
      fc.double({ min: 1e-6, max: 3, noNaN: true }),
      fc.double({ min: 1e-6, max: 3, noNaN: true }),
      (curve, first, second) => {
        const [early, late] = [Math.min(first, second), Math.max(first, second)];
        const [before, after] = [totalVarianceAt(curve, early), totalVarianceAt(curve, late)];
        if (before === null || after === null) return;
        assert.ok(after >= before - 1e-12);
        near(totalVarianceAt(curve.toReversed(), early) ?? -1, before, 1e-15);
      },
    ),
  );
});

test("a horizon of zero has no volatility, and negative ones are refused", () => {
  for (const years of [0, -1, Number.NaN]) {
    assert.throws(
      () => volatilityAt(points, years),
      (error) => error instanceof TonsorError && error.facts.field === "years",
    );
  }
});

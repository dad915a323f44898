import assert from "node:assert/strict";
import { test } from "node:test";
import { butterfly, type SviParameters } from "../../../keeper/model/options/svi.ts";
import { calendarGap, checkButterfly } from "../../../keeper/model/options/sviRefit.ts";
import { near } from "../../support/near.ts";
import { atDays } from "../../support/smileBoard.ts";

const vogt: SviParameters = { a: -0.041, b: 0.1331, m: 0.3586, rho: 0.306, sigma: 0.4153 };

test("Vogt's smile has butterfly arbitrage, worst near 0.88", () => {
  const check = checkButterfly(vogt);
  assert.equal(check.free, false);
  near(check.minimumG, -0.0328635735, 1e-9, "least g");
  near(check.atLogMoneyness, 0.8793, 1e-4, "where");
});

test("a violation narrower than the grid is found by the refinement", () => {
  let worst = Number.POSITIVE_INFINITY;
  for (let k = 0.87; k < 0.89; k += 1e-6) worst = Math.min(worst, butterfly(vogt, k));
  near(checkButterfly(vogt).minimumG, worst, 1e-10, "least g");
});

test("a smile whose variance vanishes is not free: g is no number there", () => {
  assert.equal(checkButterfly({ a: 0, b: 0, rho: 0, m: 0, sigma: 1 }).free, false);
});

test("a flat and a calm smile are free", () => {
  assert.equal(checkButterfly({ a: 0.04, b: 0, rho: 0, m: 0, sigma: 1 }).free, true);
  for (const days of [1, 7, 30, 365]) assert.equal(checkButterfly(atDays(days)).free, true, `${days} days`);
});

test("the calendar gap is positive between a smile and its stretched self, and negative the other way round", () => {
  const forwards = calendarGap(atDays(7), atDays(30), -0.3, 0.3);
  assert.ok(forwards.gap > 0);
  const backwards = calendarGap(atDays(30), atDays(7), -0.3, 0.3);
  assert.ok(backwards.gap < 0);
});

test("a crossing between two grid points is found", () => {
  const flat: SviParameters = { a: 0.01, b: 0, rho: 0, m: 0, sigma: 1 };
  const dip: SviParameters = { a: -0.0005, b: 1, rho: 0, m: 0.0101, sigma: 0.01 };
  const { gap, atLogMoneyness } = calendarGap(flat, dip, -1, 1);
  near(gap, -0.0005, 1e-9, "gap");
  near(atLogMoneyness, 0.0101, 1e-4, "where");
});

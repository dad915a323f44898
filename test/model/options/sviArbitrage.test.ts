import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  butterfly,
  rmseVolPoints,
  type SviParameters,
  toJumpWings,
  totalVariance,
} from "../../../keeper/model/options/svi.ts";
import { calendarGap, checkButterfly, repairButterfly } from "../../../keeper/model/options/sviArbitrage.ts";
import { near } from "../../support/near.ts";
import { atDays, CALM } from "../../support/smileBoard.ts";

const vogt: SviParameters = { a: -0.041, b: 0.1331, m: 0.3586, rho: 0.306, sigma: 0.4153 };

function pointsOn(parameters: SviParameters, years: number) {
  return Array.from({ length: 31 }, (_, i) => {
    const k = -1.5 + i * 0.1;
    return { k, vol: Math.sqrt(totalVariance(parameters, k) / years), weight: 1 };
  });
}

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

test("Vogt's smile is repaired and keeps variance, skew and put wing at the money", () => {
  const points = pointsOn(vogt, 1);
  const repaired = repairButterfly(vogt, points, 1);
  assert.ok(repaired !== null);
  assert.equal(checkButterfly(repaired).free, true);
  const [before, after] = [toJumpWings(vogt, 1), toJumpWings(repaired, 1)];
  near(after.v, before.v, 1e-12, "v");
  near(after.psi, before.psi, 1e-12, "psi");
  near(after.p, before.p, 1e-12, "p");
});

test("the optimum between original and safe slice is nearer to the points than the safe slice itself", () => {
  const points = pointsOn(vogt, 1);
  const repaired = repairButterfly(vogt, points, 1);
  assert.ok(repaired !== null);
  // Gatheral and Jacquier (2014, section 5.1) go to c' = .3493158 and v~' = .01548182, then optimise to c = .8564763.
  const wings = toJumpWings(repaired, 1);
  assert.ok(wings.c > 0.3493158 && wings.c < 1.316798, `call wing ${wings.c}`);
  assert.ok(rmseVolPoints(repaired, points, 1) < 2, "the safe slice alone misses by more");
});

test("whatever comes out of a repair is free of butterfly arbitrage", () => {
  const wild = fc.record({
    a: fc.double({ min: -0.02, max: 0.05, noNaN: true }),
    b: fc.double({ min: 0.05, max: 1, noNaN: true }),
    rho: fc.double({ min: -0.95, max: 0.95, noNaN: true }),
    m: fc.double({ min: -0.5, max: 0.5, noNaN: true }),
    sigma: fc.double({ min: 0.02, max: 0.5, noNaN: true }),
  });
  fc.assert(
    fc.property(wild, (parameters) => {
      fc.pre(parameters.a + parameters.b * parameters.sigma * Math.sqrt(1 - parameters.rho ** 2) > 1e-3);
      const repaired = repairButterfly(parameters, pointsOn(parameters, 0.25), 0.25);
      if (repaired === null) return;
      for (let k = -2.5; k <= 2.5; k += 0.01) assert.ok(butterfly(repaired, k) > -1e-9, `g(${k})`);
    }),
    { numRuns: 60 },
  );
});

test("a smile without wings has nothing to repair", () => {
  assert.equal(repairButterfly({ a: 0.04, b: 0, rho: 0, m: 0, sigma: 1 }, pointsOn(CALM, 0.1), 0.1), null);
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

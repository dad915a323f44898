import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  butterfly,
  domainProblem,
  rmseVolPoints,
  type SmilePoint,
  type SviParameters,
  totalVariance,
} from "../../../keeper/model/options/svi.ts";
import { checkButterfly, refitWithoutButterfly } from "../../../keeper/model/options/sviRefit.ts";
import { near } from "../../support/near.ts";
import { publishedRepair, rawSmile } from "../../support/publishedRepair.ts";
import { atDays, CALM } from "../../support/smileBoard.ts";

const vogt: SviParameters = { a: -0.041, b: 0.1331, m: 0.3586, rho: 0.306, sigma: 0.4153 };

function pointsOn(parameters: SviParameters, years: number, reach = 1.5): SmilePoint[] {
  return Array.from({ length: 31 }, (_, i) => {
    const k = reach * (i / 15 - 1);
    return { k, vol: Math.sqrt(totalVariance(parameters, k) / years), weight: 1 };
  });
}

test("Vogt's smile is refitted within a quarter of the distance of the published optimum", () => {
  const points = pointsOn(vogt, 1);
  // Gatheral and Jacquier (2014, section 5.1): v, psi, p of Vogt's smile, c* = .8564763, v~* = .0116249.
  const published = rawSmile(0.01742625, -0.1752111, 0.6997381, 0.8564763, 0.0116249);
  assert.ok(published !== null && checkButterfly(published).free);
  near(rmseVolPoints(published, points, 1), 2.749, 0.001, "published");
  const refitted = refitWithoutButterfly(vogt, points, 1);
  assert.ok(refitted !== null && checkButterfly(refitted).free);
  near(rmseVolPoints(refitted, points, 1), 0.638, 0.001, "refitted");
  // As near as the constraint allows: g all but vanishes somewhere.
  assert.ok(checkButterfly(refitted).minimumG < 2e-3);
});

test("a smile that is free already stays where it is", () => {
  for (const days of [2, 30, 365]) {
    const smile = atDays(days);
    const points = pointsOn(smile, days / 365, 2 * Math.sqrt(totalVariance(smile, 0)));
    const refitted = refitWithoutButterfly(smile, points, days / 365);
    assert.ok(refitted !== null);
    assert.ok(rmseVolPoints(refitted, points, days / 365) < 1e-6, `${days} days`);
  }
});

const wild = fc
  .record({
    a: fc.double({ min: -0.02, max: 0.05, noNaN: true }),
    b: fc.double({ min: 0.05, max: 0.4, noNaN: true }),
    rho: fc.double({ min: -0.95, max: 0.95, noNaN: true }),
    m: fc.double({ min: -0.5, max: 0.5, noNaN: true }),
    sigma: fc.double({ min: 0.02, max: 0.5, noNaN: true }),
  })
  .filter((smile) => smile.a + smile.b * smile.sigma * Math.sqrt(1 - smile.rho ** 2) > 1e-3)
  .filter((smile) => domainProblem(smile) === null && !checkButterfly(smile).free);

test("a refit is free of butterfly arbitrage, in the SVI domain, and no further from the points than the published repair", () => {
  let compared = 0;
  fc.assert(
    fc.property(wild, (smile) => {
      const points = pointsOn(smile, 0.25);
      const refitted = refitWithoutButterfly(smile, points, 0.25);
      assert.ok(refitted !== null);
      assert.equal(domainProblem(refitted), null);
      for (let k = -2.5; k <= 2.5; k += 0.01) assert.ok(butterfly(refitted, k) > -1e-9, `g(${k})`);
      const published = publishedRepair(smile, points, 0.25);
      if (published === null) return;
      compared += 1;
      const [ours, theirs] = [rmseVolPoints(refitted, points, 0.25), rmseVolPoints(published, points, 0.25)];
      // What the margin of g costs: 0.01 volatility points.
      assert.ok(ours <= theirs + 0.01, `${ours} against ${theirs} vol points`);
    }),
    { numRuns: 40 },
  );
  assert.ok(compared > 0, "some smiles have a published repair");
});

test("the same smile and points give the same refit, to the last bit", () => {
  const points = pointsOn(vogt, 1);
  assert.deepEqual(refitWithoutButterfly(vogt, points, 1), refitWithoutButterfly(vogt, points, 1));
});

test("a smile without wings has nothing to refit", () => {
  assert.equal(refitWithoutButterfly({ a: 0.04, b: 0, rho: 0, m: 0, sigma: 1 }, pointsOn(CALM, 0.1), 0.1), null);
});

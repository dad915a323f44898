import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  domainProblem,
  fitSvi,
  rmseVolPoints,
  type SmilePoint,
  type SviParameters,
  totalVariance,
} from "../../../keeper/model/options/svi.ts";
import { atDays, CALM } from "../../support/smileBoard.ts";

function pointsOn(parameters: SviParameters, years: number, count = 13): SmilePoint[] {
  const width = Math.sqrt(totalVariance(parameters, 0));
  return Array.from({ length: count }, (_, i) => {
    const k = width * (-2 + (4 * i) / (count - 1));
    return { k, vol: Math.sqrt(totalVariance(parameters, k) / years), weight: 1 };
  });
}

test("a smile is found again from its own points, from one day to one year", () => {
  for (const days of [1, 7, 30, 365]) {
    const years = days / 365;
    const points = pointsOn(atDays(days), years);
    const { rmseVolPoints: error } = fitSvi(points, years);
    assert.ok(error < 0.02, `${days} days: ${error} vol points`);
  }
});

test("every fit is in the SVI domain, even through noise", () => {
  const noise = fc.array(fc.double({ min: -0.2, max: 0.2, noNaN: true }), { minLength: 9, maxLength: 9 });
  fc.assert(
    fc.property(noise, fc.constantFrom(1, 30, 300), (shifts, days) => {
      const years = days / 365;
      const points = pointsOn(atDays(days), years, 9).map((point, i) => ({
        ...point,
        vol: point.vol + (shifts[i] ?? 0),
      }));
      const { parameters } = fitSvi(points, years);
      assert.equal(domainProblem(parameters), null);
    }),
    { numRuns: 60 },
  );
});

test("the order of the points does not matter", () => {
  const points = pointsOn(CALM, 30 / 365).map((point, i) => ({ ...point, vol: point.vol + 0.01 * Math.sin(7 * i) }));
  const expected = fitSvi(points, 30 / 365);
  fc.assert(
    fc.property(fc.shuffledSubarray(points, { minLength: points.length }), (shuffled) => {
      assert.deepEqual(fitSvi(shuffled, 30 / 365).parameters, expected.parameters);
    }),
    { numRuns: 20 },
  );
});

test("a point with a hundredth of the weight hardly bends the smile", () => {
  const years = 30 / 365;
  const points = pointsOn(CALM, years);
  const bent = points.map((point, i) => (i === 3 ? { ...point, vol: point.vol + 0.3, weight: 0.01 } : point));
  const { parameters } = fitSvi(bent, years);
  assert.ok(rmseVolPoints(parameters, points, years) < 0.5);
});

test("a sharp smile is met by a level below zero, which the paper forbids", () => {
  const sharp: SviParameters = { a: -0.02, b: 0.2, rho: -0.4, m: 0, sigma: 0.2 };
  const fit = fitSvi(pointsOn(sharp, 0.25), 0.25);
  assert.ok(fit.parameters.a < 0 && fit.rmseVolPoints < 0.02);
});

test("a flat smile stays flat", () => {
  const points = [-0.4, -0.2, 0, 0.2, 0.4].map((k) => ({ k, vol: 0.6, weight: 1 }));
  const { parameters, rmseVolPoints: error } = fitSvi(points, 0.1);
  assert.ok(error < 1e-3, `error ${error}`);
  assert.equal(domainProblem(parameters), null);
});

test("the error is in volatility points, every point alike", () => {
  const level: SviParameters = { a: 0.36 * 0.25, b: 0, rho: 0, m: 0, sigma: 1 };
  const points = [
    { k: -0.1, vol: 0.63, weight: 100 },
    { k: 0.1, vol: 0.56, weight: 1 },
  ];
  assert.equal(rmseVolPoints(level, points, 0.25).toFixed(9), Math.sqrt((9 + 16) / 2).toFixed(9));
});

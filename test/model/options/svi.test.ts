import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  butterfly,
  domainProblem,
  type SviParameters,
  slope,
  toJumpWings,
  totalVariance,
} from "../../../keeper/model/options/svi.ts";
import { near } from "../../support/near.ts";

/** Axel Vogt's smile: inside the domain, yet with butterfly arbitrage near k = 0.9. */
const vogt: SviParameters = { a: -0.041, b: 0.1331, m: 0.3586, rho: 0.306, sigma: 0.4153 };

test("known answer 2: total variance of Vogt's smile", () => {
  const expected = [0.01742625256, 0.13678196112, 0.01623656962, 0.05764411607];
  for (const [i, k] of [0, -1.5, 0.4, 0.8].entries()) near(totalVariance(vogt, k), expected[i] ?? 0, 5e-12, `w(${k})`);
});

test("known answer 3: g of Vogt's smile, negative near 0.9", () => {
  near(butterfly(vogt, -1.5), 0.2478306953, 5e-11, "g(-1.5)");
  near(butterfly(vogt, 0), 1.0386497313, 5e-11, "g(0)");
  near(butterfly(vogt, 0.4), 0.2255998655, 5e-11, "g(.4)");
  assert.ok(butterfly(vogt, 0.9) < 0);
});

test("known answer 4: jump wings of Vogt's smile", () => {
  const wings = toJumpWings(vogt, 1);
  near(wings.v, 0.01742625, 5e-9, "v");
  near(wings.psi, -0.1752111, 5e-8, "psi");
  near(wings.p, 0.6997381, 5e-8, "p");
  near(wings.c, 1.316798, 5e-7, "c");
  near(wings.minimumVariance, 0.0116249, 5e-8, "least variance");
});

test("known answer 5: QuantLib's smile at its vertex", () => {
  near(totalVariance({ a: -0.0666, b: 0.229, sigma: 0.337, rho: 0.439, m: 0.193 }, 0.193), 0.010573, 5e-7, "w(m)");
});

test("the examples of the documentation hold", () => {
  assert.equal(totalVariance({ a: 0.04, b: 0, rho: 0, m: 0, sigma: 1 }, 0.3), 0.04);
  near(slope(vogt, 0.3586), 0.0407286, 1e-12, "slope at the vertex");
});

const smile = fc.record({
  a: fc.double({ min: 0, max: 0.1, noNaN: true }),
  b: fc.double({ min: 0.01, max: 0.9, noNaN: true }),
  rho: fc.double({ min: -0.95, max: 0.95, noNaN: true }),
  m: fc.double({ min: -0.5, max: 0.5, noNaN: true }),
  sigma: fc.double({ min: 0.02, max: 1, noNaN: true }),
});

/** Second derivative of total variance by k. */
function curvature({ b, m, sigma }: SviParameters, k: number): number {
  return (b * sigma * sigma) / ((k - m) ** 2 + sigma * sigma) ** 1.5;
}

test("slope and curvature are the derivatives of total variance", () => {
  fc.assert(
    fc.property(smile, fc.double({ min: -1, max: 1, noNaN: true }), (parameters, k) => {
      const h = 1e-5;
      const numeric = (totalVariance(parameters, k + h) - totalVariance(parameters, k - h)) / (2 * h);
      near(slope(parameters, k), numeric, 1e-5, "slope");
      const second = (slope(parameters, k + h) - slope(parameters, k - h)) / (2 * h);
      near(curvature(parameters, k), second, 1e-4 * (1 + Math.abs(second)), "curvature");
    }),
  );
});

test("total variance is nowhere below its stated least", () => {
  fc.assert(
    fc.property(smile, fc.double({ min: -3, max: 3, noNaN: true }), (parameters, k) => {
      assert.ok(totalVariance(parameters, k) >= toJumpWings(parameters, 1).minimumVariance - 1e-14);
    }),
  );
});

test("each broken domain rule is named", () => {
  const good: SviParameters = { a: 0.04, b: 0.1, rho: -0.3, m: 0, sigma: 0.2 };
  assert.equal(domainProblem(good), null);
  assert.equal(domainProblem(vogt), null);
  assert.match(domainProblem({ ...good, b: -0.1 }) ?? "", /b = -0.1 is negative/);
  assert.match(domainProblem({ ...good, rho: 1 }) ?? "", /not below 1/);
  assert.match(domainProblem({ ...good, sigma: 0 }) ?? "", /sigma = 0/);
  assert.match(domainProblem({ ...good, a: -1 }) ?? "", /least variance/);
  assert.equal(domainProblem({ a: 0.04, b: 3, rho: 0, m: 0, sigma: 1 }), "b (1 + |rho|) = 3 is above 2");
  assert.match(domainProblem({ ...good, m: Number.NaN }) ?? "", /not a finite number/);
});

test("g is what the derivatives make it, anywhere", () => {
  for (const k of [-2, -0.4, 0, 0.3586, 1.1]) {
    const [w, first, second] = [totalVariance(vogt, k), slope(vogt, k), curvature(vogt, k)];
    const expected = (1 - (k * first) / (2 * w)) ** 2 - ((first * first) / 4) * (1 / w + 0.25) + second / 2;
    near(butterfly(vogt, k), expected, 1e-13, `g(${k})`);
  }
});

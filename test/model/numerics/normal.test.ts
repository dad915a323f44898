import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import { millsRatio, normalCdf, normalPdf, normalQuantile } from "../../../keeper/model/numerics/distributions.ts";
import { jStat } from "../../support/jstat.ts";

/** [x, N(x), (1 - N(x)) / n(x)] as the nearest doubles, from 40-digit arithmetic (mpmath). */
const TABLE: readonly (readonly [number, number, number])[] = [
  [-37, 5.725571222524577e-300, 4.7169665550365805e297],
  [-30, 4.906713927148187e-198, 6.785889613061118e195],
  [-20.3, 6.429244467698346e-92, 7.643573708732976e89],
  [-10, 7.619853024160525e-24, 1.2996129473592023e22],
  [-6, 9.86587645037698e-10, 164585134.98865387],
  [-5.66, 7.568649751997714e-9, 22674205.746540476],
  [-5.6, 1.071759025831093e-8, 16174371.195119992],
  [-3, 0.0013498980316300946, 225.33489622034912],
  [-0.7, 0.24196365222307303, 2.4276278591711673],
  [-0.1, 0.460172162722971, 1.3599304015256166],
  [0, 0.5, 1.2533141373155003],
  [1, 0.8413447460685429, 0.6556795424187984],
  [8, 0.9999999999999993, 0.1231319632579323],
];

/** [p, quantile] from the same arithmetic. */
const QUANTILES: readonly (readonly [number, number])[] = [
  [1e-300, -37.0470962993612],
  [1e-100, -21.273453560965326],
  [1e-20, -9.262340089798407],
  [1e-10, -6.361340902404057],
  [0.001, -3.0902323061678136],
  [0.01, -2.326347874040841],
  [0.05, -1.6448536269514726],
  [0.3, -0.5244005127080408],
  [0.9, 1.2815515655446006],
  [0.999999, 4.753424308817088],
];

function close(actual: number, expected: number, relative: number, what: string) {
  const error = Math.abs(actual - expected) / Math.max(Math.abs(expected), Number.MIN_VALUE);
  assert.ok(error <= relative, `${what}: ${actual} against ${expected}, relative error ${error}`);
}

test("the distribution and the Mills ratio agree with 40-digit arithmetic, out to 37 deviations", () => {
  for (const [x, cdf, mills] of TABLE) {
    close(normalCdf(x), cdf, 1e-15, `N(${x})`);
    close(millsRatio(x), mills, 1e-15, `Mills(${x})`);
  }
});

test("the quantile agrees with 40-digit arithmetic, down to 1e-300", () => {
  for (const [p, x] of QUANTILES) close(normalQuantile(p), x, 1e-15, `quantile(${p})`);
  assert.equal(normalQuantile(0.5), 0);
});

test("jstat agrees where it is good, within six deviations", () => {
  for (let x = -6; x <= 6; x += 0.01) {
    assert.ok(Math.abs(normalCdf(x) - jStat.normal.cdf(x, 0, 1)) < 2e-14, `N(${x})`);
    close(normalPdf(x), jStat.normal.pdf(x, 0, 1), 1e-14, `n(${x})`);
  }
});

test("the printed examples hold", () => {
  assert.equal(normalPdf(0), 0.3989422804014327);
  assert.equal(normalCdf(-6).toPrecision(15), "9.86587645037698e-10");
  assert.equal(normalQuantile(0.01).toPrecision(15), "-2.32634787404084");
});

test("far out the density underflows to zero and the Mills ratio still stands", () => {
  assert.equal(normalPdf(40), 0);
  assert.equal(normalCdf(-40), 0);
  close(millsRatio(1e6), 1e-6, 1e-11, "Mills(1e6)");
});

test("quantile and distribution undo each other", () => {
  fc.assert(
    fc.property(fc.double({ min: -37, max: 5, noNaN: true }), (x) => {
      const miss = Math.abs(normalQuantile(normalCdf(x)) - x);
      assert.ok(miss <= (x > 0 ? 1e-9 : 1e-13), `round trip misses ${x} by ${miss}`);
    }),
  );
});

test("the distribution never falls, across the seams of its approximations too", () => {
  for (const seam of [-5.656854249492381, -0.67448975, 0.67448975, 5.656854249492381]) {
    let last = 0;
    for (let i = -2000; i <= 2000; i++) {
      const value = normalCdf(seam + i * 1e-6);
      assert.ok(value >= last * (1 - 4e-16), `N falls at ${seam} + ${i}e-6`);
      last = value;
    }
  }
});

for (const given of [0, 1, -0.1, 1.1, Number.NaN]) {
  test(`the quantile of ${given} is refused with the range it must lie in`, () => {
    assert.throws(
      () => normalQuantile(given),
      (error) => error instanceof TonsorError && error.code === "OUT_OF_RANGE" && error.facts.field === "probability",
    );
  });
}

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { linearRegression } from "../../../keeper/model/numerics/leastSquares.ts";
import { near } from "../../support/near.ts";

describe("linear regression", () => {
  it("finds the line through points that lie on one", () => {
    const fit = linearRegression(
      [
        [1, 0],
        [1, 1],
        [1, 2],
      ],
      [1, 3, 5],
    );
    near(fit?.coefficients[0] ?? 0, 1, 1e-14);
    near(fit?.coefficients[1] ?? 0, 2, 1e-14);
    near(fit?.residualVariance ?? 1, 0, 1e-28);
  });

  it("agrees with the worked example of Anscombe's first quartet: 3.0001 + 0.5001 x", () => {
    const x = [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5];
    const y = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68];
    const fit = linearRegression(
      x.map((value) => [1, value]),
      y,
    );
    near(fit?.coefficients[0] ?? 0, 3.000090909, 1e-8);
    near(fit?.coefficients[1] ?? 0, 0.500090909, 1e-8);
    near(fit?.residualVariance ?? 0, 1.2366 ** 2, 1e-3);
  });

  it("leaves residuals orthogonal to every column", () => {
    const value = fc.double({ min: -10, max: 10, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value, value), { minLength: 8, maxLength: 40 }), (points) => {
        const rows = points.map(([a, b]) => [1, a, b]);
        const y = points.map(([, , c]) => c);
        const fit = linearRegression(rows, y);
        if (fit === null) return;
        const size = Math.max(1, ...fit.coefficients.map(Math.abs));
        for (const column of [0, 1, 2]) {
          const dot = rows.reduce((sum, row, i) => {
            const fitted = row.reduce((s, v, j) => s + v * (fit.coefficients[j] ?? 0), 0);
            return sum + (row[column] ?? 0) * ((y[i] ?? 0) - fitted);
          }, 0);
          near(dot, 0, 1e-8 * size * points.length);
        }
      }),
    );
  });

  it("has no answer when a column repeats another", () => {
    assert.equal(
      linearRegression(
        [
          [1, 1],
          [1, 1],
          [1, 1],
        ],
        [1, 2, 3],
      ),
      null,
    );
    assert.equal(
      linearRegression(
        [
          [1, 2, 4],
          [1, 3, 6],
          [1, 5, 10],
          [1, 6, 12],
        ],
        [1, 2, 3, 4],
      ),
      null,
    );
  });

  it("has no answer with as few rows as columns", () => {
    assert.equal(
      linearRegression(
        [
          [1, 0],
          [1, 1],
        ],
        [1, 2],
      ),
      null,
    );
    assert.equal(linearRegression([], []), null);
  });

  it("refuses ragged rows", () => {
    assert.throws(() => linearRegression([[1, 0], [1]], [1, 2]), /rows and y/);
  });
});

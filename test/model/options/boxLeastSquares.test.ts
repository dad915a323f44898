import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { solveBoxLeastSquares } from "../../../keeper/model/numerics/minimise.ts";
import { near } from "../../support/near.ts";

type NormalEquations = Parameters<typeof solveBoxLeastSquares>[0];
type Triple = Parameters<typeof solveBoxLeastSquares>[1];

test("the example of the documentation: identity design, target outside two bounds", () => {
  const { x, residual } = solveBoxLeastSquares(
    { matrix: [1, 0, 0, 1, 0, 1], right: [2, 0.5, -1], square: 5.25 },
    [0, 0, 0],
    [1, 1, 1],
  );
  assert.deepEqual(x, [1, 0.5, 0]);
  near(residual, 2, 1e-12, "residual");
});

/** Normal equations of a design with three columns. */
function equationsOf(rows: readonly Triple[], target: readonly number[]): NormalEquations {
  const dot = (i: 0 | 1 | 2, j: 0 | 1 | 2) => rows.reduce((sum, row) => sum + row[i] * row[j], 0);
  const against = (i: 0 | 1 | 2) => rows.reduce((sum, row, n) => sum + row[i] * (target[n] ?? 0), 0);
  return {
    matrix: [dot(0, 0), dot(0, 1), dot(0, 2), dot(1, 1), dot(1, 2), dot(2, 2)],
    right: [against(0), against(1), against(2)],
    square: target.reduce((sum, y) => sum + y * y, 0),
  };
}

const number = fc.double({ min: -2, max: 2, noNaN: true });
const rows = fc.array(fc.tuple(number, number, number), { minLength: 6, maxLength: 12 });

test("no point of the box has a smaller error than the solution", () => {
  fc.assert(
    fc.property(rows, fc.array(number, { minLength: 12, maxLength: 12 }), (design, target) => {
      const equations = equationsOf(design, target.slice(0, design.length));
      const [xx, , , yy, , zz] = equations.matrix;
      fc.pre(xx > 0.5 && yy > 0.5 && zz > 0.5);
      const { x, residual } = solveBoxLeastSquares(equations, [-1, 0, 0], [1, 0.5, 0.5]);
      const errorAt = (point: Triple) =>
        design.reduce((sum, row, n) => {
          const miss = row[0] * point[0] + row[1] * point[1] + row[2] * point[2] - (target[n] ?? 0);
          return sum + miss * miss;
        }, 0);
      near(residual, errorAt(x), 1e-9, "residual");
      for (let i = 0; i <= 4; i++) {
        for (let j = 0; j <= 4; j++) {
          for (let l = 0; l <= 4; l++) {
            assert.ok(errorAt([-1 + i / 2, j / 8, l / 8]) >= residual - 1e-9);
          }
        }
      }
    }),
  );
});

test("the solution lies in the box, whatever the numbers", () => {
  fc.assert(
    fc.property(rows, (design) => {
      const { x } = solveBoxLeastSquares(
        equationsOf(
          design,
          design.map((row) => 10 * row[0]),
        ),
        [0, 0, 0],
        [1, 1, 1],
      );
      assert.ok(x.every((value) => value >= 0 && value <= 1));
    }),
  );
});

test("a singular system falls back to a corner instead of failing", () => {
  const { x } = solveBoxLeastSquares({ matrix: [0, 0, 0, 0, 0, 0], right: [1, 1, 1], square: 1 }, [0, 0, 0], [1, 1, 1]);
  assert.ok(x.every((value) => value === 0 || value === 1));
});

test("a direction in which nothing depends on the unknown gives a number too, not NaN", () => {
  const { x, residual } = solveBoxLeastSquares(
    { matrix: [0, 0, 0, 1, 0, 1], right: [0, 2, -2], square: 9 },
    [-1, 0, 0],
    [1, 1, 1],
  );
  assert.ok(x[0] >= -1 && x[0] <= 1, `${x[0]}`);
  assert.deepEqual([x[1], x[2], residual], [1, 0, 6]);
});

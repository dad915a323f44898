import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import { esMultiplier, studentTQuantile } from "../../../keeper/model/numerics/distributions.ts";
import { jStat } from "../../support/jstat.ts";
import { near } from "../../support/near.ts";

describe("Student's t", () => {
  it("agrees with jStat", () => {
    for (const nu of [2.5, 3, 4, 6, 10, 30]) {
      for (const x of [-8, -2, -0.3, 0, 0.7, 3.2]) near(studentTQuantile(jStat.studentt.cdf(x, nu), nu), x, 1e-5);
      for (const p of [0.001, 0.01, 0.2, 0.5, 0.9, 0.99]) {
        near(studentTQuantile(p, nu), jStat.studentt.inv(p, nu), 1e-6);
      }
    }
  });

  it("gives the printed examples", () => {
    near(studentTQuantile(0.99, 4), 3.746947387979197, 1e-12);
    near(studentTQuantile(0.01, 4), -3.746947387979197, 1e-12);
  });

  it("has the closed forms of one, two and four degrees of freedom", () => {
    for (const x of [-50, -3, -0.1, 0.4, 9]) {
      near(studentTQuantile(0.5 + Math.atan(x) / Math.PI, 1), x, 1e-10 * x * x + 1e-12);
      near(studentTQuantile(0.5 + x / (2 * Math.sqrt(2 + x * x)), 2), x, 1e-10 * Math.abs(x) ** 3 + 1e-12);
    }
    for (const x of [-40, -2, -0.3]) {
      const theta = 0.5 + (x / Math.sqrt(4 + x * x)) * (0.5 + 1 / (4 + x * x));
      near(studentTQuantile(theta, 4), x, 1e-9 * Math.abs(x) ** 5 + 1e-12, "four degrees of freedom");
    }
    for (const p of [1e-6, 0.3, 0.5, 0.77]) {
      near(studentTQuantile(p, 2), (2 * p - 1) / Math.sqrt(2 * p * (1 - p)), 1e-9 * Math.max(1, 1 / Math.sqrt(p)));
    }
  });

  it("keeps its relative accuracy far out in the lower tail", () => {
    // Two degrees of freedom have a closed form; its relative error here is a few last digits.
    const p = 1e-12;
    near(studentTQuantile(p, 2) / ((2 * p - 1) / Math.sqrt(2 * p * (1 - p))), 1, 1e-9);
  });

  it("refuses a probability of 0 or 1 and names it", () => {
    for (const p of [0, 1, Number.NaN]) {
      assert.throws(
        () => studentTQuantile(p, 4),
        (error: unknown) => error instanceof TonsorError && /probability.*\(0, 1\)/.test(error.message),
      );
    }
  });
});

describe("the expected-shortfall multiplier", () => {
  it("is 3.69151049 for t(4) and 2.66521422 for the Normal at 99 % (known answer 9)", () => {
    assert.equal(esMultiplier(0.99, 4).toFixed(8), "3.69151049");
    assert.equal(esMultiplier(0.99, Number.POSITIVE_INFINITY).toFixed(8), "2.66521422");
  });

  it("tends to the Normal one as degrees of freedom grow", () => {
    near(esMultiplier(0.99, 1e6), esMultiplier(0.99, Number.POSITIVE_INFINITY), 1e-4);
  });

  it("equals the mean of the quantiles beyond the level", () => {
    const steps = 20_000;
    let sum = 0;
    for (let i = 0; i < steps; i++) sum += studentTQuantile(0.01 * ((i + 0.5) / steps), 5);
    near(esMultiplier(0.99, 5), -(sum / steps) * Math.sqrt(3 / 5), 5e-3);
  });

  it("refuses two or fewer degrees of freedom, where there is no variance", () => {
    assert.throws(() => esMultiplier(0.99, 2), /degreesOfFreedom/);
    assert.throws(() => esMultiplier(1, 4), /tailLevel/);
  });
});

it("the multiplier is that of the arguments given, whichever were asked for before", () => {
  const [first, normal] = [esMultiplier(0.99, 4), esMultiplier(0.99, Number.POSITIVE_INFINITY)];
  assert.notEqual(esMultiplier(0.99, 5), first);
  assert.notEqual(esMultiplier(0.95, 4), first);
  assert.equal(esMultiplier(0.99, 4), first);
  assert.equal(esMultiplier(0.99, Number.POSITIVE_INFINITY), normal);
  assert.throws(() => esMultiplier(Number.NaN, 4), { code: "OUT_OF_RANGE" });
  assert.throws(() => esMultiplier(0.99, 2), { code: "OUT_OF_RANGE" });
  assert.equal(esMultiplier(0.99, 4), first, "a refused question leaves nothing behind");
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type Bar,
  garmanKlass,
  parkinson,
  rogersSatchell,
  yangZhang,
} from "../../../keeper/model/history/rangeEstimators.ts";
import { annualised } from "../../../keeper/model/history/realisedVariance.ts";
import { normals } from "../../support/candles.ts";
import { near } from "../../support/near.ts";

/** Daily bars of a walk watched 2000 times a day; `drift` is the log drift of a day. */
function bars(count: number, sigma: number, drift = 0, gap = 0): readonly Bar[] {
  const normal = normals(3);
  let price = 100;
  return Array.from({ length: count }, () => {
    price *= Math.exp(gap * normal());
    const open = price;
    let [high, low] = [open, open];
    for (let i = 0; i < 2000; i++) {
      price *= Math.exp(drift / 2000 + (sigma / Math.sqrt(2000)) * normal());
      [high, low] = [Math.max(high, price), Math.min(low, price)];
    }
    return { open, high, low, close: price };
  });
}

describe("range estimators", () => {
  it("give these variances for one bar, worked by hand", () => {
    const bar = [{ open: 100, high: 110, low: 95, close: 105 }];
    near(parkinson(bar) ?? 0, Math.log(110 / 95) ** 2 / (4 * Math.LN2), 1e-15);
    near(parkinson(bar) ?? 0, 0.0077518, 1e-6);
    near(garmanKlass(bar) ?? 0, 0.0098267, 1e-6);
    near(rogersSatchell(bar) ?? 0, 0.0095674, 1e-6);
  });

  it("all recover the variance of a walk without drift, a little low for discrete watching", () => {
    const sample = bars(400, 0.03);
    for (const estimator of [parkinson, garmanKlass, rogersSatchell, yangZhang]) {
      near(Math.sqrt(estimator(sample) ?? 0) / 0.03, 0.98, 0.05, estimator.name);
    }
  });

  it("only Rogers-Satchell and Yang-Zhang are untouched by drift", () => {
    const sample = bars(400, 0.02, 0.06);
    assert.ok((parkinson(sample) ?? 0) > 2 * 0.02 ** 2);
    near(Math.sqrt(rogersSatchell(sample) ?? 0) / 0.02, 0.98, 0.06);
    near(Math.sqrt(yangZhang(sample) ?? 0) / 0.02, 0.98, 0.06);
  });

  it("only Yang-Zhang counts jumps between bars", () => {
    const sample = bars(400, 0.02, 0, 0.03);
    near(yangZhang(sample) ?? 0, 0.02 ** 2 + 0.03 ** 2, 1e-4);
    near(rogersSatchell(sample) ?? 0, 0.02 ** 2, 1e-4);
  });

  it("weigh the parts of Yang-Zhang with k = 0.34 / (1.34 + (n+1)/(n-1))", () => {
    // Three bars, two used: closing returns +-r, no range beyond them, no jumps.
    const up = { open: 100, high: 110, low: 100, close: 110 };
    const down = { open: 110, high: 110, low: 100, close: 100 };
    const k = 0.34 / (1.34 + 3);
    near(yangZhang([down, up, down]) ?? 0, k * 2 * Math.log(1.1) ** 2, 1e-15);
  });

  it("have no answer for too few bars", () => {
    assert.equal(parkinson([]), null);
    assert.equal(garmanKlass([]), null);
    assert.equal(rogersSatchell([]), null);
    assert.equal(yangZhang(bars(2, 0.02)), null);
  });

  it("annualise over 365 days", () => {
    near(annualised(0.0009), 0.57315, 1e-5);
  });
});

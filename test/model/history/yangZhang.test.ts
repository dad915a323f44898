import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { annualised } from "../../../keeper/model/history/dailyBars.ts";
import { yangZhang } from "../../../keeper/model/history/varianceForecasts.ts";
import { normals } from "../../support/candles.ts";
import { near } from "../../support/near.ts";

/** Daily bars of a walk watched 2000 times a day; `drift` is the log drift of a day. */
function bars(count: number, sigma: number, drift = 0, gap = 0) {
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

describe("the Yang-Zhang variance", () => {
  it("recovers the variance of a walk, with or without drift, a little low for discrete watching", () => {
    near(Math.sqrt(yangZhang(bars(400, 0.03)) ?? 0) / 0.03, 0.98, 0.05);
    near(Math.sqrt(yangZhang(bars(400, 0.02, 0.06)) ?? 0) / 0.02, 0.98, 0.06);
  });

  it("counts jumps between bars", () => {
    near(yangZhang(bars(400, 0.02, 0, 0.03)) ?? 0, 0.02 ** 2 + 0.03 ** 2, 1e-4);
  });

  it("takes the Rogers-Satchell variance of a bar, worked by hand", () => {
    // The same bar twice, opening where it closed: nothing overnight, no spread of closing returns, so (1 - k) of it is left.
    const bar = { open: 100, high: 110, low: 95, close: 105 };
    const next = { open: 105, high: 115.5, low: 99.75, close: 110.25 };
    const last = { open: 110.25, high: 121.275, low: 104.7375, close: 115.7625 };
    const k = 0.34 / (1.34 + 3);
    near((yangZhang([bar, next, last]) ?? 0) / (1 - k), 0.0095674, 1e-6);
  });

  it("weighs its parts with k = 0.34 / (1.34 + (n+1)/(n-1))", () => {
    // Three bars, two used: closing returns +-r, no range beyond them, no jumps.
    const up = { open: 100, high: 110, low: 100, close: 110 };
    const down = { open: 110, high: 110, low: 100, close: 100 };
    const k = 0.34 / (1.34 + 3);
    near(yangZhang([down, up, down]) ?? 0, k * 2 * Math.log(1.1) ** 2, 1e-15);
  });

  it("has no answer for too few bars", () => {
    assert.equal(yangZhang(bars(2, 0.02)), null);
  });

  it("annualises over 365 days", () => {
    near(annualised(0.0009), 0.57315, 1e-5);
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DAILY_DECAY, ewmaOfVariances, ewmaVariance } from "../../../keeper/model/history/varianceForecasts.ts";
import { near } from "../../support/near.ts";

describe("EWMA", () => {
  it("is 1.1402 % after a 2 % move on 1 % volatility with decay 0.9 (known answer 10)", () => {
    assert.equal((100 * Math.sqrt(ewmaVariance(0.01 ** 2, 0.02 ** 2, 0.9))).toFixed(4), "1.1402");
  });

  it("of a constant variance is that variance", () => {
    near(ewmaOfVariances(Array(10).fill(0.0004)) ?? 0, 0.0004, 1e-18);
  });

  it("weighs the newest day by 1 - decay and the one before by that times decay", () => {
    const calm = Array(60).fill(1);
    near((ewmaOfVariances([...calm, 2]) ?? 0) - 1, 1 - DAILY_DECAY, 1e-12);
    near((ewmaOfVariances([...calm, 2, 1]) ?? 0) - 1, (1 - DAILY_DECAY) * DAILY_DECAY, 1e-12);
  });

  it("passes over days without data instead of counting them as calm", () => {
    const days = [1, 2, 3, 4, 5, 6, 7, 8, 9];
    assert.equal(ewmaOfVariances([null, ...days.slice(0, 8), null, null, 9]), ewmaOfVariances(days));
  });

  it("has no answer with less than a week", () => {
    assert.equal(ewmaOfVariances([1, 1, 1, 1, 1, 1, null]), null);
  });

  it("refuses a decay above one and a negative variance", () => {
    assert.throws(() => ewmaVariance(1, 1, 1.1), /decay/);
    assert.throws(() => ewmaVariance(-1, 1, 0.9), /variance/);
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { DailyBar } from "../../../keeper/model/history/dailyBars.ts";
import { annualised, dailyVariances, meanOfLast } from "../../../keeper/model/history/dailyBars.ts";
import { near } from "../../support/near.ts";

const day = (squaredReturns: number, coveredSeconds: number): DailyBar => ({
  end: 86_400,
  open: 1,
  high: 1,
  low: 1,
  close: 1,
  volumeUsd: 0,
  squaredReturns,
  coveredSeconds,
});

describe("daily realised variance", () => {
  it("is the sum of squared returns of a whole day", () => {
    near(dailyVariances([day(0.0009, 86_400)])[0] ?? 0, 0.0009, 1e-18);
  });

  it("is scaled up from the part of the day that returns cover", () => {
    near(dailyVariances([day(0.0009, 43_200)])[0] ?? 0, 0.0018, 1e-18);
  });

  it("is unknown when less than half of the day is covered", () => {
    assert.deepEqual(dailyVariances([day(0.0009, 43_199), null]), [null, null]);
  });

  it("is unknown, not zero, on a day on which no price moved", () => {
    assert.deepEqual(dailyVariances([day(0, 86_400)]), [null]);
  });
});

describe("the mean of the last days", () => {
  it("passes over unknown days and needs enough known ones", () => {
    assert.equal(meanOfLast([1, null, 3], 3, 2), 2);
    assert.equal(meanOfLast([1, null, 3], 3, 3), null);
    assert.equal(meanOfLast([100, 1, 3], 2, 1), 2);
    assert.equal(meanOfLast([], 5, 0), null);
  });

  it("annualises over 365 days", () => {
    near(annualised(0.0009), 0.57315, 1e-5);
  });
});

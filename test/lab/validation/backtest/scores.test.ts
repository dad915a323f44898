import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DEFAULT_MODEL } from "../../../../keeper/markets/defaults.ts";
import { coverage, phasesOf, type Windows } from "../../../../scripts/lab/validation/backtest/coverage.ts";
import { allowedFall } from "../../../../scripts/lab/validation/backtest/methods.ts";
import { Outcomes } from "../../../../scripts/lab/validation/backtest/outcomes.ts";
import { priceSeries, ratioSeries } from "../../../../scripts/lab/validation/backtest/priceSeries.ts";
import { largestRise, procyclicality } from "../../../../scripts/lab/validation/backtest/procyclicality.ts";
import { protection } from "../../../../scripts/lab/validation/backtest/protection.ts";
import { regimeOf } from "../../../../scripts/lab/validation/backtest/regime.ts";
import { modelLaw, normalLaw, windowsOf } from "../../../../scripts/lab/validation/backtest/windows.ts";
import { HOUR, normals, START } from "../../../support/candles.ts";
import { near } from "../../../support/near.ts";

const flat = (prices: readonly number[]) =>
  prices.map((price, i) => [START + i * HOUR, price, price, price * 0.99, price, 1] as const);

describe("outcomes", () => {
  const series = priceSeries("T", HOUR, flat([100, 98, 90, 95, 97]));

  it("are the fall to the end of the window and to its lowest price, the start excluded", () => {
    const outcome = new Outcomes(series).after(0, 3);
    near(outcome?.fall ?? 0, 0.05, 1e-12);
    near(outcome?.worstFall ?? 0, 1 - (90 * 0.99) / 100, 1e-12);
  });

  it("do not count a low of the candle that was closing when the window began", () => {
    const candles = flat([100, 99, 98]).map((candle, i) =>
      i === 0 ? ([...candle.slice(0, 3), 40, 100, 1] as never) : candle,
    );
    const outcome = new Outcomes(priceSeries("T", HOUR, candles)).after(0, 2);
    near(outcome?.worstFall ?? 0, 1 - 0.98 * 0.99, 1e-12);
  });

  it("are unknown past the end of the data", () => {
    assert.equal(new Outcomes(series).after(2, 3), null);
    assert.equal(new Outcomes(series).after(4, 1), null);
  });

  it("end on a candle up to two hours old, never on a later one, and never across a longer halt", () => {
    const holed = (missing: readonly number[]) =>
      priceSeries(
        "T",
        HOUR,
        flat([100, 99, 98, 97, 96, 95, 94]).filter((_, i) => !missing.includes(i)),
      );
    near(new Outcomes(holed([3])).after(0, 3)?.fall ?? 0, 0.02, 1e-12);
    assert.equal(new Outcomes(holed([2, 3, 4])).after(0, 4), null);
  });

  it("do not reach into a withheld span", () => {
    const before = Date.UTC(2022, 9, 31, 12) / 1000;
    const candles = flat(Array(72).fill(100)).map(([, ...rest], i) => [before + i * HOUR, ...rest] as const);
    const november = [[Date.UTC(2022, 10, 1) / 1000, Date.UTC(2022, 11, 1) / 1000]] as const;
    const lookup = new Outcomes(priceSeries("T", HOUR, candles, november));
    assert.notEqual(lookup.after(0, 10), null);
    assert.equal(lookup.after(0, 24), null);
    assert.notEqual(new Outcomes(priceSeries("T", HOUR, candles)).after(0, 24), null, "where nothing is withheld");
  });
});

describe("a ratio of two series", () => {
  it("has the hours that both have, with exact opens and closes", () => {
    const first = priceSeries("A", HOUR, flat([10, 20, 30]));
    const second = priceSeries("B", HOUR, flat([2, 4, 5]).slice(1));
    const ratio = ratioSeries(first, second);
    assert.equal(ratio.name, "A/B");
    assert.deepEqual([...ratio.closes], [5, 6]);
  });
});

describe("coverage", () => {
  /** Hourly windows of 24 h over independent days, whose VaR is the true quantile times `scale`. */
  const made = (days: number, scale: number): Windows => {
    const normal = normals(4);
    const steps = Array.from({ length: 24 * days }, () => normal() / Math.sqrt(24));
    const time = Float64Array.from({ length: 24 * (days - 1) }, (_, n) => START + n * HOUR);
    const loss = time.map((_, n) => -steps.slice(n, n + 24).reduce((a, b) => a + b, 0));
    const { quantile, shortfall } = normalLaw(0.99);
    return { time, loss, valueAtRisk: time.map(() => scale * quantile), shortfall: time.map(() => scale * shortfall) };
  };

  it("accepts a true forecast although its windows overlap", () => {
    const found = coverage(made(1200, 1), 24, normalLaw(0.99), 1);
    assert.equal(found.phases, 24);
    assert.ok(found.interval.low < 0.01 && found.interval.high > 0.01, JSON.stringify(found.interval));
    assert.ok(found.overlapP > 0.01, `overlap ${found.overlapP}`);
    assert.ok(found.kupiec.medianP > 0.05 && found.conditional.medianP > 0.05);
    assert.ok(found.acerbiSzekely.medianP > 0.05 && Math.abs(found.acerbiSzekely.z2) < 0.5);
    assert.ok(found.zones.green > 0.7);
    assert.equal(found.dynamicQuantile, null, "a constant forecast cannot be regressed on");
  });

  it("rejects a forecast that is a third too low, and one that is half as much again too high", () => {
    const low = coverage(made(1200, 0.67), 24, normalLaw(0.99), 1);
    assert.ok(low.overlapP < 1e-4 && low.kupiec.medianP < 1e-4 && low.acerbiSzekely.medianP < 0.01);
    assert.ok(low.zones.red > 0.3);
    const high = coverage(made(1200, 1.5), 24, normalLaw(0.99), 1);
    assert.ok(high.kupiec.medianP < 0.01 && high.acerbiSzekely.medianP > 0.9, "one-sided: only Kupiec minds");
  });

  it("puts no two overlapping windows into one series", () => {
    const windows = made(30, 1);
    for (const members of phasesOf(windows, 24)) {
      for (let i = 1; i < members.length; i++) {
        assert.ok((windows.time[members[i] ?? 0] ?? 0) - (windows.time[members[i - 1] ?? 0] ?? 0) >= 24 * HOUR);
      }
    }
  });

  it("leaves out origins without a forecast, without an outcome, and those not asked for", () => {
    const time = Float64Array.of(0, 1, 2, 3).map((n) => START + n * HOUR);
    const outcome = { fall: 0.1, worstFall: 0.2 };
    const windows = windowsOf(
      time,
      Float64Array.of(0.5, Number.NaN, 0.5, 0.5),
      [outcome, outcome, null, outcome],
      24,
      modelLaw(DEFAULT_MODEL),
      (n) => n < 3,
    );
    assert.deepEqual([...windows.time], [START]);
    near(windows.loss[0] ?? 0, -Math.log(0.9), 1e-12);
    near(windows.valueAtRisk[0] ?? 0, 3.746947387979197 * Math.SQRT1_2 * 0.5 * Math.sqrt(24 / 8760), 1e-9);
    near(windows.shortfall[0] ?? 0, 3.69151049 * 0.5 * Math.sqrt(24 / 8760), 1e-8);
  });
});

describe("protection", () => {
  const time = Float64Array.of(0, 24, 48, 72).map((n) => START + n * HOUR);
  const outcomes = [0.05, 0.2, -0.1, 0.02].map((fall) => ({ fall, worstFall: Math.max(0, fall) + 0.1 }));
  const haircuts = (value: number) => Float64Array.of(value, value, value, value);

  it("allows for the fall at which a liquidator's due is all there is", () =>
    near(allowedFall(0.17, 0.05), 0.1285, 1e-12));

  it("counts breaches at the end and at the lowest price, and what is missing", () => {
    const score = protection(time, haircuts(0.17), haircuts(0.2), outcomes, 24, 0.05, 0.1285);
    assert.equal(score.breaches, 1);
    near(score.breachRate, 0.25, 1e-12);
    near(score.worstBreachRate, 0.5, 1e-12, "0.15 and 0.3 are beyond 0.1285");
    near(score.largest, 0.2 - 0.1285, 1e-12);
    near(score.badDebtPerYear, 365 * ((0.2 - 0.1285) / 4), 1e-9);
    near(score.badDebtAtEqualCost, score.badDebtPerYear, 1e-9, "scaled to its own cost nothing changes");
    near(score.meanInitial ?? 0, 0.2, 1e-12);
  });

  it("counts a year of windows by their length", () => {
    const daily = protection(time, haircuts(0.17), haircuts(0.2), outcomes, 24, 0.05, 0.1285).badDebtPerYear;
    const double = Float64Array.from(time, (_, n) => START + n * 48 * HOUR);
    near(protection(double, haircuts(0.17), haircuts(0.2), outcomes, 48, 0.05, 0.1285).badDebtPerYear, daily / 2, 1e-9);
  });

  it("scales a rule to another's cost: twice the allowance leaves nothing beyond it", () => {
    assert.equal(
      protection(time, haircuts(0.17), haircuts(Number.NaN), outcomes, 24, 0.05, 0.257).badDebtAtEqualCost,
      0,
    );
    assert.equal(protection(time, haircuts(0.17), haircuts(Number.NaN), outcomes, 24, 0.05, 0.257).meanInitial, null);
  });
});

describe("procyclicality", () => {
  const days = Float64Array.of(0, 1, 2, 3, 40).map((n) => START + n * 86_400);

  it("is the largest rise within a window, from the least value in it", () => {
    const path = Float64Array.of(0.2, 0.3, 0.25, 0.5, 0.9);
    near(largestRise(days, path, 86_400), 0.25, 1e-12);
    near(largestRise(days, path, 5 * 86_400), 0.3, 1e-12);
    const found = procyclicality(days, path);
    assert.deepEqual([found.peak, found.trough], [0.9, 0.2]);
    near(found.rise30d, 0.3, 1e-12, "the last point is 37 days later");
  });

  it("is zero on the way down and passes over what is unknown", () => {
    assert.equal(largestRise(days, Float64Array.of(5, 4, 3, 2, 1), 86_400), 0);
    near(largestRise(days, Float64Array.of(0.1, Number.NaN, 0.4, 0.2, 0.1), 5 * 86_400), 0.3, 1e-12);
  });
});

describe("regimes", () => {
  it("are told by realised over long-run volatility, and unknown when that is", () => {
    assert.deepEqual([0.5, 0.75, 1, 1.25, 1.5, Number.NaN].map(regimeOf), [
      "calm",
      "normal",
      "normal",
      "normal",
      "stressed",
      null,
    ]);
  });
});

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { gunzipSync } from "node:zlib";
import type { Candle } from "../../../keeper/domain/observation.ts";
import { dailyBars, dailyVariances, meanOfLast, usableCandles } from "../../../keeper/model/history/dailyBars.ts";
import { ewmaOfVariances, harForecast } from "../../../keeper/model/history/varianceForecasts.ts";
import { historyOf, normals } from "../../support/candles.ts";
import { dataFile } from "../../support/data.ts";
import { near } from "../../support/near.ts";

/** Daily variances that follow a log-HAR process exactly, with noise of standard deviation `noise`. */
function process(days: number, noise: number): number[] {
  const normal = normals(11);
  const logs: number[] = Array.from({ length: 30 }, () => Math.log(0.001) + 0.3 * normal());
  const mean = (n: number) => Math.log(logs.slice(-n).reduce((sum, value) => sum + Math.exp(value), 0) / n);
  while (logs.length < days) logs.push(-0.7 + 0.4 * mean(1) + 0.3 * mean(7) + 0.2 * mean(30) + noise * normal());
  return logs.map(Math.exp);
}

describe("log-HAR", () => {
  it("recovers the coefficients of the process it assumes", () => {
    const fit = harForecast(process(6000, 0.5));
    const [constant, daily, weekly, monthly] = fit?.coefficients ?? [];
    near(daily ?? 0, 0.4, 0.04);
    near(weekly ?? 0, 0.3, 0.07);
    near(monthly ?? 0, 0.2, 0.07);
    near(constant ?? 0, -0.7, 0.4);
    near(fit?.residualVariance ?? 0, 0.25, 0.02);
  });

  it("forecasts the mean and not the median: exp(s2/2) is in it", () => {
    const variances = process(2000, 0.5);
    const fit = harForecast(variances);
    const average = (n: number) => Math.log(variances.slice(-n).reduce((a, b) => a + b, 0) / n);
    const [c = 0, d = 0, w = 0, m = 0] = fit?.coefficients ?? [];
    const log = c + d * average(1) + w * average(7) + m * average(30);
    near(fit?.variance ?? 0, Math.exp(log + (fit?.residualVariance ?? 0) / 2), 1e-15);
  });

  it("is unbiased out of sample on its own process", () => {
    const variances = process(1500, 0.4);
    let [forecast, outcome] = [0, 0];
    for (let day = 300; day < 1499; day += 4) {
      forecast += harForecast(variances.slice(0, day + 1))?.variance ?? Number.NaN;
      outcome += variances[day + 1] ?? Number.NaN;
    }
    near(forecast / outcome, 1, 0.06);
  });

  it("needs 180 pairs beyond the first month", () => {
    const variances = process(400, 0.4);
    // A month of at least 20 known days comes first; each pair needs the day after it.
    assert.equal(harForecast(variances.slice(0, 199)), null);
    assert.equal(harForecast(variances.slice(0, 200))?.observations, 180);
  });

  it("is the same whatever comes later: it sees only its argument", () => {
    const variances = process(500, 0.4);
    const known = harForecast(variances.slice(0, 400));
    const corrupted = [...variances.slice(0, 400), 1e6];
    assert.deepEqual(harForecast(corrupted.slice(0, 400)), known);
  });

  it("skips days without data and has no forecast when the last month is too thin", () => {
    const variances: (number | null)[] = process(500, 0.4);
    const holed = variances.map((value, i) => (i % 9 === 3 ? null : value));
    near((harForecast(holed)?.variance ?? 0) / (harForecast(variances)?.variance ?? 1), 1, 0.25);
    assert.equal(harForecast([...variances, ...Array(15).fill(null), 0.001]), null);
    assert.equal(harForecast([...variances, null]), null, "the newest day must be known");
  });

  it("stays within the variances it has seen", () => {
    const variances = process(400, 0.4);
    const most = Math.max(...variances);
    assert.ok((harForecast([...variances, most * 50])?.variance ?? 0) <= most * 50);
    assert.ok((harForecast([...variances, 1e-12])?.variance ?? 0) >= 1e-12);
  });

  it("takes implied variance as a fourth regressor when given", () => {
    const variances = process(800, 0.4);
    const seer = variances.map((_, day) => variances[day + 1] ?? 0.001);
    const fit = harForecast(variances, seer);
    near(fit?.coefficients[4] ?? 0, 1, 1e-6);
    near(fit?.variance ?? 0, 0.001, 1e-6);
    assert.equal(harForecast(variances, seer.with(-1, 0)), null);
  });
});

describe("log-HAR on recorded candles, walk-forward and out of sample", () => {
  for (const coin of ["ETH", "BTC"]) {
    it(`forecasts ${coin} without bias and better than EWMA and the 30-day mean`, (t) => {
      const file = dataFile(`ohlcv/binance_spot_${coin}USDT_1h.csv.gz`);
      if (file === null) return t.skip(`shared data not present: ohlcv/binance_spot_${coin}USDT_1h.csv.gz`);
      const rows = gunzipSync(readFileSync(file)).toString().trim().split("\n").slice(1);
      const candles = rows.map((row) => row.split(",").map(Number) as unknown as Candle);
      const variances = dailyVariances(dailyBars(usableCandles(historyOf(candles), Number.POSITIVE_INFINITY)).days);
      const loss = { har: 0, ewma: 0, mean: 0 };
      let [forecasts, outcomes] = [0, 0];
      for (let day = 400; day < variances.length - 1; day += 2) {
        const past = variances.slice(Math.max(0, day - 999), day + 1);
        const outcome = variances[day + 1];
        const har = harForecast(past)?.variance;
        const [ewma, mean] = [ewmaOfVariances(past), meanOfLast(past, 30, 20)];
        if (!outcome || !har || !ewma || !mean) continue;
        forecasts += har;
        outcomes += outcome;
        // Quasi-likelihood loss: robust to noise in the realised variance (Patton 2011). One flash crash out of a dead
        // calm (2023-08-17) is a sixth of all of it, which is why floors on EWMA and the long run stand beside log-HAR.
        for (const [name, value] of Object.entries({ har, ewma, mean }) as [keyof typeof loss, number][]) {
          loss[name] += outcome / value - Math.log(outcome / value) - 1;
        }
      }
      near(forecasts / outcomes, 1, 0.06, "mean forecast over mean outcome");
      assert.ok(loss.har < 0.95 * loss.ewma && loss.ewma < loss.mean, JSON.stringify(loss));
    });
  }
});

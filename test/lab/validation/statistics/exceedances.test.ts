import assert from "node:assert/strict";
import { test } from "node:test";
import { esMultiplier, normalQuantile, studentTQuantile } from "../../../../keeper/model/numerics/distributions.ts";
import { acerbiSzekely, tailTable } from "../../../../scripts/lab/validation/statistics/acerbiSzekely.ts";
import { christoffersen } from "../../../../scripts/lab/validation/statistics/christoffersen.ts";
import { dynamicQuantile } from "../../../../scripts/lab/validation/statistics/dynamicQuantile.ts";
import { kupiec } from "../../../../scripts/lab/validation/statistics/kupiec.ts";
import { uniforms } from "../../../../scripts/lab/validation/statistics/random.ts";
import { trafficLight } from "../../../../scripts/lab/validation/statistics/trafficLight.ts";
import { near } from "../../../support/near.ts";

test("Kupiec's test gives the printed numbers of MATLAB's documentation: 57 of 1043 at 5 %", () => {
  const { statistic, pValue } = kupiec(1043, 57, 0.05);
  near(statistic, 0.46147, 5e-6);
  near(pValue, 0.49694, 5e-6);
});

test("Kupiec's test is two-sided, is at rest at the promised rate, and survives no exception at all", () => {
  near(kupiec(1000, 10, 0.01).statistic, 0, 1e-12);
  assert.ok(kupiec(1000, 0, 0.01).pValue < 1e-4);
  near(kupiec(1000, 0, 0.01).statistic, -2000 * Math.log(0.99), 1e-9);
  assert.ok(kupiec(1000, 25, 0.01).pValue < 1e-3);
  assert.equal(kupiec(0, 0, 0.01).pValue, 1);
});

test("Basel's traffic light gives the table of 1996: 250 days at 1 %", () => {
  const table = [8.11, 28.58, 54.32, 75.81, 89.22, 95.88, 98.63, 99.6, 99.89, 99.97, 99.99];
  for (const [exceptions, percent] of table.entries()) {
    near(100 * trafficLight(250, exceptions, 0.01).cumulative, percent, 0.005, `${exceptions} exceptions`);
  }
  const zones = Array.from({ length: 11 }, (_, n) => trafficLight(250, n, 0.01).zone);
  assert.deepEqual(zones, [...Array(5).fill("green"), ...Array(5).fill("yellow"), "red"]);
});

test("Christoffersen's ratios are those worked out by hand", () => {
  // Pairs: hit-hit 1, hit-calm 1, calm-calm 3: rates 1/2 after a hit, 0 after calm, 1/5 pooled.
  const { independence, conditionalCoverage } = christoffersen([true, true, false, false, false, false], 0.05);
  const byHand = 2 * (2 * Math.log(0.5) - (Math.log(0.2) + 4 * Math.log(0.8)));
  near(independence.statistic, byHand, 1e-12);
  near(conditionalCoverage.statistic, byHand + kupiec(6, 2, 0.05).statistic, 1e-12);
  near(conditionalCoverage.pValue, Math.exp(-conditionalCoverage.statistic / 2), 1e-12, "chi-square with 2");
});

test("Christoffersen's independence rejects clusters and not scattered exceptions", () => {
  const scattered = Array.from({ length: 1000 }, (_, n) => n % 100 === 0);
  const clustered = Array.from({ length: 1000 }, (_, n) => n % 200 < 2);
  assert.ok(christoffersen(scattered, 0.01).independence.pValue > 0.5);
  assert.ok(christoffersen(clustered, 0.01).independence.pValue < 1e-4);
});

test("Acerbi-Szekely's Z2 is its formula", () => {
  const tail = tailTable(0.975, 4, 1.2);
  const z2 = (points: Parameters<typeof acerbiSzekely>[0], level: number) =>
    acerbiSzekely(points, level, tail, 1, 10).statistic;
  near(z2([{ loss: 4, valueAtRisk: 2, shortfall: 2.5 }], 0.5), -2.2, 1e-12);
  const calm = Array(100).fill({ loss: 0, valueAtRisk: 2, shortfall: 2.5 });
  assert.equal(z2(calm, 0.99), 1, "no exception at all: as far above 0 as it goes");
});

test("Z2's simulated limit is that of the paper: -0.7 at 5 % for 250 days at 97.5 %, Normal; -0.82 for t(3)", () => {
  // The share of simulated Z2 at or below the paper's limit should be near 5 %.
  const unit = (z2: number) => [
    { loss: (1 - z2) * 250 * 0.025, valueAtRisk: 0, shortfall: 1 },
    ...Array(249).fill({ loss: -1, valueAtRisk: 0, shortfall: 1 }),
  ];
  const normal = tailTable(0.975, 1e5, esMultiplier(0.975, Number.POSITIVE_INFINITY) / normalQuantile(0.975));
  const t3 = tailTable(0.975, 3, esMultiplier(0.975, 3) / (studentTQuantile(0.975, 3) * Math.sqrt(1 / 3)));
  near(acerbiSzekely(unit(-0.7), 0.975, normal, 1, 20_000).pValue, 0.05, 0.008);
  near(acerbiSzekely(unit(-0.82), 0.975, t3, 1, 20_000).pValue, 0.05, 0.008);
});

test("the dynamic quantile statistic is y'X (X'X)^-1 X'y over p (1 - p), and rejects exceptions that follow one another", () => {
  const random = uniforms(7);
  const forecasts = Array.from({ length: 1500 }, () => 0.03 + 0.02 * random());
  let rejected = 0;
  for (let run = 0; run < 200; run++) {
    const hits = Array.from({ length: 1500 }, () => random() < 0.05);
    if ((dynamicQuantile(hits, forecasts, 0.05)?.pValue ?? 1) < 0.05) rejected++;
  }
  assert.ok(rejected >= 2 && rejected <= 24, `${rejected} of 200 true forecasts rejected at 5 %`);
  const clustered = Array.from({ length: 1500 }, (_, n) => n % 100 < 5);
  assert.ok((dynamicQuantile(clustered, forecasts, 0.05)?.pValue ?? 1) < 1e-6);
  assert.equal(
    dynamicQuantile(
      clustered,
      forecasts.map(() => 0.04),
      0.05,
    ),
    null,
    "a constant forecast is collinear",
  );

  // One regressor beside the constant and no lags: the explained sum of squares by hand.
  const [y, x] = [
    [true, false, false, true, false],
    [1, 2, 3, 4, 6],
  ];
  const e = y.map((hit) => (hit ? 0.8 : -0.2));
  const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const sxy = x.reduce((sum, value, n) => sum + (value - mean(x)) * (e[n] as number), 0);
  const sxx = x.reduce((sum, value) => sum + (value - mean(x)) ** 2, 0);
  near(dynamicQuantile(y, x, 0.2, 0)?.statistic ?? 0, (sxy ** 2 / sxx + 5 * mean(e) ** 2) / 0.16, 1e-10);
});

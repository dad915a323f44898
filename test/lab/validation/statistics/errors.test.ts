import assert from "node:assert/strict";
import { test } from "node:test";
import { blockBootstrap } from "../../../../scripts/lab/validation/statistics/blockBootstrap.ts";
import { chiSquareSurvival, logGamma } from "../../../../scripts/lab/validation/statistics/chiSquare.ts";
import { meanTest } from "../../../../scripts/lab/validation/statistics/meanTest.ts";
import { neweyWest } from "../../../../scripts/lab/validation/statistics/neweyWest.ts";
import { uniforms } from "../../../../scripts/lab/validation/statistics/random.ts";
import { dieboldMariano, tickLoss } from "../../../../scripts/lab/validation/statistics/tickLoss.ts";
import { jStat } from "../../../support/jstat.ts";
import { near } from "../../../support/near.ts";

const oracle = (jStat as unknown as { chisquare: { cdf(x: number, k: number): number } }).chisquare;

test("chi-square probabilities agree with jStat and with the textbook's 5 % limits", () => {
  for (const k of [1, 2, 3, 6, 10, 30]) {
    for (const x of [0.1, 1, 3, 7, 12, 25, 60]) near(chiSquareSurvival(x, k), 1 - oracle.cdf(x, k), 1e-9, `${x}, ${k}`);
  }
  near(chiSquareSurvival(3.841458820694124, 1), 0.05, 1e-12);
  near(chiSquareSurvival(12.591587243743977, 6), 0.05, 1e-12);
  assert.equal(chiSquareSurvival(0, 3), 1);
  near(logGamma(5), Math.log(24), 1e-13);
  near(logGamma(0.5), Math.log(Math.PI) / 2, 1e-13);
});

test("a Newey-West error without lags is the plain one, and overlap widens it", () => {
  const plain = neweyWest([1, 2, 3, 4], 0);
  near(plain.mean, 2.5, 1e-12);
  near(plain.standardError, Math.sqrt(1.25 / 4), 1e-12);
  const random = uniforms(3);
  const steps = Array.from({ length: 4000 }, () => random() - 0.5);
  const overlapping = steps.slice(23).map((_, n) => steps.slice(n, n + 24).reduce((a, b) => a + b, 0));
  const ratio = neweyWest(overlapping, 48).standardError / neweyWest(overlapping, 0).standardError;
  // Sums over 24 steps are sqrt(24) = 4.9 times less informative than they look; the triangle weights see most of it.
  assert.ok(ratio > 3.3 && ratio < 5, `ratio ${ratio}`);
});

test("a mean that is as expected is not rejected, one that is not is", () => {
  const random = uniforms(5);
  const hits = Array.from({ length: 5000 }, () => (random() < 0.01 ? 1 : 0));
  assert.ok(meanTest(hits, 0.01, 5).pValue > 0.05);
  assert.ok(meanTest(hits, 0.02, 5).pValue < 1e-4);
  assert.deepEqual(meanTest([1, 1, 1], 1, 0).pValue, 1);
  assert.deepEqual(meanTest([1, 1, 1], 0, 0).pValue, 0);
});

test("the block bootstrap covers the mean, widens with dependence, and repeats with its seed", () => {
  const random = uniforms(11);
  const values = Array.from({ length: 2000 }, () => random());
  const single = blockBootstrap(values, 1, 1);
  near(single.high - single.low, 2 * 1.96 * Math.sqrt(1 / 12 / 2000), 0.004);
  assert.ok(single.low < 0.5 && single.high > 0.5);
  const runs = values.flatMap((value) => Array(10).fill(value) as number[]);
  const [naive, blocks] = [blockBootstrap(runs, 1, 1), blockBootstrap(runs, 100, 1)];
  assert.ok(blocks.high - blocks.low > 2.5 * (naive.high - naive.low));
  assert.deepEqual(blockBootstrap(values, 24, 9), blockBootstrap(values, 24, 9));
  assert.ok(Number.isNaN(blockBootstrap([], 5, 1).low));
});

test("quantile loss charges an exception 99 times a point too much, and is least at the true quantile", () => {
  near(tickLoss(0.05, 0.04, 0.01), 0.0099, 1e-15);
  near(tickLoss(0.04, 0.05, 0.01), 0.0001, 1e-15);
  const random = uniforms(2);
  const losses = Array.from({ length: 50_000 }, () => random());
  const mean = (forecast: number) =>
    losses.reduce((sum, loss) => sum + tickLoss(loss, forecast, 0.1), 0) / losses.length;
  assert.ok(mean(0.9) < mean(0.86) && mean(0.9) < mean(0.94));
});

test("Diebold-Mariano says which of two series of losses is lower, and when it cannot tell", () => {
  const random = uniforms(4);
  const first = Array.from({ length: 3000 }, () => random());
  const second = first.map((value) => value + 0.1 * (random() - 0.3));
  const found = dieboldMariano(first, second, 5);
  assert.ok(found.difference < 0 && found.pValue < 1e-6);
  const same = Array.from({ length: 3000 }, () => random());
  assert.ok(dieboldMariano(first, same, 5).pValue > 0.01);
});

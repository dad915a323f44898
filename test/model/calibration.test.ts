import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DAY_SECONDS, YEAR_HOURS } from "../../keeper/domain/calendar.ts";
import type { PastPromise } from "../../keeper/domain/journal.ts";
import { DEFAULT_MODEL } from "../../keeper/markets/defaults.ts";
import { calibrationsOf, lossQuantile, PromiseWatch } from "../../keeper/model/calibration.ts";
import { studentTQuantile } from "../../keeper/model/numerics/distributions.ts";
import { near } from "../support/near.ts";

const MIDNIGHT = 1_772_323_200; // 2026-03-01T00:00:00Z
const DAY_DEVIATION = Math.sqrt(24 / YEAR_HOURS);
/** The law at evenly spaced probabilities, in standard deviations. */
const LAW = Array.from({ length: 4_096 }, (_, n) => studentTQuantile((n + 0.5) / 4_096, 4) * Math.sqrt(0.5));
/** Of these, as a fixed generator draws them. */
function draws(count: number, seed: number): number[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return LAW[state >>> 20] ?? 0;
  });
}
/** Horizons until the alarm when volatility in use is so many times the true one; the count of draws when it never comes. */
function alarmAfter(deviations: readonly number[], times: number): number {
  const watch = new PromiseWatch(DEFAULT_MODEL, 24);
  const found = deviations.findIndex((one) => watch.see(one * DAY_DEVIATION * 0.6, 0.6 * times) >= 1);
  return found < 0 ? deviations.length : found + 1;
}

/** Promises at midnight of days, by their prices, at a volatility of 60 % for initial and 80 % for maintenance. */
const days = (prices: readonly number[], early = 30): PastPromise[] =>
  prices.map((priceUsd, n) => ({
    ...{ time: MIDNIGHT + n * DAY_SECONDS - early, priceUsd, horizonHours: 24 },
    ...{ initialVolatility: 0.6, maintenanceVolatility: 0.8 },
  }));

describe("the promise", () => {
  it("is the 1 % quantile of a unit-variance Student t", () => near(lossQuantile(DEFAULT_MODEL), 2.6495, 1e-4));

  it("is counted by haircut: a fall of 9 % in a day exceeds 60 % a year and not 80 %", () => {
    const { initial, maintenance } = calibrationsOf(days([100, 91, 91]), DEFAULT_MODEL);
    assert.deepEqual([initial.windows, initial.exceeded, initial.promised], [2, 1, 1 - 0.99]);
    assert.deepEqual([maintenance.windows, maintenance.exceeded], [2, 0]);
  });

  it("counts no horizon whose price at either end is older than two hours, nor one of another length", () => {
    assert.equal(calibrationsOf(days([100, 91, 91], 7_300), DEFAULT_MODEL).initial.windows, 0);
    const [first, , third] = days([100, 91, 91]);
    assert.ok(first && third);
    assert.equal(calibrationsOf([first, third], DEFAULT_MODEL).initial.windows, 0);
    const others = days([100, 91, 91]).map((one) => ({ ...one, horizonHours: 48 }));
    assert.equal(calibrationsOf(others, DEFAULT_MODEL).initial.windows, 0);
  });

  it("takes the last price before a horizon's end, and no price twice: prices between are nobody's horizon", () => {
    const [first, second] = days([100, 90]);
    assert.ok(first && second);
    const earlier = { ...second, time: second.time - 3_600, priceUsd: 50 };
    const noon = { ...first, time: first.time + DAY_SECONDS / 2, priceUsd: 10 };
    const { initial } = calibrationsOf([first, noon, earlier, second], DEFAULT_MODEL);
    assert.deepEqual([initial.windows, initial.exceeded], [1, 1]);
    assert.equal(initial.evidence, calibrationsOf([first, second], DEFAULT_MODEL).initial.evidence);
  });
});

describe("the watch of a promise", () => {
  it("expects no more than it has, where the promise is kept exactly, and less where losses are smaller", () => {
    const first = (deviations: number) => new PromiseWatch(DEFAULT_MODEL, 24).see(deviations * DAY_DEVIATION, 1) * 365;
    const mean = (times: number) => LAW.reduce((sum, one) => sum + first(times * one), 0) / LAW.length;
    near(mean(1), 1, 1e-3);
    assert.ok(mean(0.8) < 0.98);
  });

  it("rises with every loss beyond the tenth, and one crash alone never breaks it", () => {
    const after = (loss: number) => new PromiseWatch(DEFAULT_MODEL, 24).see(loss, 0.6);
    assert.equal(after(-0.2), after(0));
    assert.ok(after(0) < after(0.06) && after(0.06) < after(0.12));
    assert.ok(after(5) * 365 < 0.7 ** -4 + 1e-9);
  });

  it("alarms once in a year of horizons or less where the promise is kept, and within 70 in the median at 0.7 of it", () => {
    const runs = Array.from({ length: 150 }, (_, n) => draws(3_000, n * 7_919 + 1));
    const kept = runs.map((run) => alarmAfter(run, 1));
    assert.ok(kept.reduce((sum, n) => sum + n, 0) / runs.length >= 365, "cut at 3000, the mean is higher still");
    const low = runs.map((run) => alarmAfter(run, 0.7)).sort((a, b) => a - b);
    assert.ok((low[75] ?? 0) <= 70 && (low[135] ?? 0) <= 140, `${low[75]}, ${low[135]}`);
  });
});

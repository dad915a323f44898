import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Candle } from "../../../keeper/domain/observation.ts";
import { dailyBars, dailyVariances, usableCandles } from "../../../keeper/model/history/dailyBars.ts";
import { historicalTail, worstOf } from "../../../keeper/model/history/historicalTail.ts";
import { historyVolatility } from "../../../keeper/model/history/historyVolatility.ts";
import { shocksOf } from "../../../keeper/model/history/pricePast.ts";
import { esMultiplier } from "../../../keeper/model/numerics/distributions.ts";
import { endOf, HOUR, historyOf, normals, walk } from "../../support/candles.ts";
import { near } from "../../support/near.ts";

const years = walk(1500 * 24, () => 0.6);
const tail = (candles: readonly Candle[], volatility = 0.6, hours = 24) =>
  historicalTail(historyVolatility(historyOf(candles), endOf(candles)).shocks, volatility, hours, 0.99);

const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe("the historical tail", () => {
  it("of a normal walk is near the Normal multiple 2.665", () => {
    const found = tail(years);
    near(found?.multiple ?? 0, esMultiplier(0.99, Number.POSITIVE_INFINITY), 0.3);
    near(found?.loss ?? 0, 1 - Math.exp((-(found?.multiple ?? 0) * 0.6) / Math.sqrt(365)), 1e-12);
    assert.equal(found?.observations, 1500 - 8);
  });

  it("is of the level asked for, each time, and refuses one that is none", () => {
    const { shocks } = historyVolatility(historyOf(years), endOf(years));
    for (const level of [0.99, 0.95, 0.99]) {
      const { loss: _, ...worst } = historicalTail(shocks, 0.6, 24, level) ?? { loss: 0 };
      assert.deepEqual(worstOf(shocks, level), worst);
    }
    for (const level of [0.5, 1, 1.5, Number.NaN]) {
      assert.throws(() => worstOf(shocks, level), { code: "OUT_OF_RANGE" });
      assert.throws(() => historicalTail(shocks, 0.6, 24, level), { code: "OUT_OF_RANGE" });
    }
  });

  it("does not mistake a change of volatility for a fat tail: that is what the filter is for", () => {
    const regimes = walk(1500 * 24, (hour) => (Math.floor(hour / 24 / 100) % 2 === 0 ? 0.4 : 1.2));
    near(tail(regimes)?.multiple ?? 0, 2.665, 0.75);
  });

  it("sees jumps that a normal walk has not", () => {
    const normal = normals(7);
    let shift = 1;
    const jumpy = years.map((c, i): Candle => {
      const before = shift;
      if (i % (24 * 60) === 100) shift *= Math.exp(-0.12 - 0.02 * Math.abs(normal()));
      return [
        c[0],
        c[1] * before,
        Math.max(c[1] * before, c[4] * shift),
        Math.min(c[1] * before, c[4] * shift),
        c[4] * shift,
        c[5],
      ];
    });
    assert.ok((tail(jumpy)?.multiple ?? 0) > 3.5);
  });

  it("scales with current volatility and with the square root of the horizon, in logarithms", () => {
    const log = (volatility: number, hours: number) => -Math.log1p(-(tail(years, volatility, hours)?.loss ?? 0));
    near(log(1.2, 24) / log(0.6, 24), 2, 1e-9);
    near(log(0.6, 96) / log(0.6, 24), 2, 1e-9);
  });

  it("says nothing with less than 500 standardised days at 99 %", () => {
    assert.equal(tail(years.slice(0, 507 * 24)), null);
    assert.notEqual(tail(years.slice(0, 508 * 24)), null);
  });

  it("is the same to a hundredth at whichever hour of the day it is asked for", () => {
    const found = Array.from({ length: 24 }, (_, hour) => tail(years.slice(0, 600 * 24 + hour))?.multiple ?? 0);
    assert.ok(Math.max(...found) / Math.min(...found) < 1.01);
  });

  it("rests on the returns of days cut at each of the 24 hours, around a hole too", () => {
    const holed = years.slice(0, 60 * 24).filter((_, i) => i < 700 || i > 704);
    const { scores, firstEnd } = shocksOf(usableCandles(historyOf(holed), endOf(holed)));
    for (let hour = 0; hour < 24; hour++) {
      const now = endOf(holed) - hour * HOUR;
      const { days } = dailyBars(usableCandles(historyOf(holed), now));
      const variances = dailyVariances(days);
      const known: number[] = [];
      let average = Number.NaN;
      for (const [i, day] of days.entries()) {
        const [today, yesterday] = [variances[i] ?? null, days[i - 1]];
        if (today === null) continue;
        const whole = day?.coveredSeconds === 24 * HOUR && yesterday?.coveredSeconds === 24 * HOUR;
        const found = scores[((day?.end ?? 0) - firstEnd) / HOUR] ?? 0;
        if (known.length < 7 || !whole) assert.ok(Number.isNaN(found));
        else near(found, Math.log(day.close / yesterday.close) / Math.sqrt(average), 1e-9);
        known.push(today);
        average = known.length <= 7 ? meanOf(known) : 0.94 * average + 0.06 * today;
      }
    }
  });

  it("is bounded, so that one bad print is not a total loss", () => {
    const normal = normals(9);
    let price = 1;
    const broken = years.map((c, i): Candle => {
      const open = price;
      price *= i % (24 * 70) === 0 && i > 0 ? 0.02 : Math.exp(0.002 * normal());
      return [c[0], open, Math.max(open, price), Math.min(open, price), price, 1];
    });
    assert.equal(tail(broken)?.multiple, 8);
  });

  it("refuses a horizon of zero", () => {
    assert.throws(() => tail(years, 0.6, 0), /horizonHours/);
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Candle } from "../../../../keeper/domain/observation.ts";
import { historicalTail } from "../../../../keeper/model/history/historicalTail.ts";
import { historyVolatility } from "../../../../keeper/model/history/historyVolatility.ts";
import { EMPTY_PAST, pastAfter, pastUntil } from "../../../../keeper/model/history/pricePast.ts";
import { linearRegression } from "../../../../keeper/model/numerics/leastSquares.ts";
import { spanOf } from "../../../../keeper/venues/candles.ts";
import { estimatesOf } from "../../../../scripts/lab/validation/backtest/estimates.ts";
import { ExpandingRegression } from "../../../../scripts/lab/validation/backtest/expandingRegression.ts";
import { loadSeries } from "../../../../scripts/lab/validation/backtest/loadSeries.ts";
import {
  historyUntil,
  type PriceSeries,
  priceSeries,
} from "../../../../scripts/lab/validation/backtest/priceSeries.ts";
import { uniforms } from "../../../../scripts/lab/validation/statistics/random.ts";
import { HOUR } from "../../../support/candles.ts";
import { dataFile, dataFolder } from "../../../support/data.ts";
import { near } from "../../../support/near.ts";
import { restless } from "./support.ts";

/** Largest relative distance between the fast pass and the live functions at some candles. */
function differences(series: PriceSeries, candles: readonly number[]): number {
  const fast = estimatesOf(series, 0.99);
  let largest = 0;
  for (const i of candles) {
    const now = series.closeTimes[i] ?? 0;
    const history = historyUntil(series, i);
    const slow = historyVolatility(history, now);
    const pairs: [number | undefined, number | null][] = [
      [fast.har[i], slow.har],
      [fast.ewma[i], slow.ewma],
      [fast.longRun[i], slow.longRun],
      [fast.realised[i], slow.realised30d],
      [fast.dailyVolumeUsd[i], slow.dailyVolumeUsd],
      [fast.days[i], slow.days],
      [fast.tailMultiple[i], historicalTail(historyVolatility(history, now).shocks, 0.6, 24, 0.99)?.multiple ?? null],
    ];
    for (const [a = Number.NaN, b] of pairs) {
      if (b === null) assert.ok(Number.isNaN(a), `candle ${i}: ${a} where the live function says nothing`);
      else largest = Math.max(largest, Math.abs(a - b) / Math.max(1e-12, Math.abs(b)));
      assert.ok(!Number.isNaN(largest), `candle ${i}: nothing where the live function says ${b}`);
    }
  }
  return largest;
}

function sample(size: number, count: number, seed: number): readonly number[] {
  const random = uniforms(seed);
  return Array.from({ length: count }, () => Math.floor(random() * size));
}

describe("estimates in one pass", () => {
  it("are those of the live functions, hour by hour, to rounding", () => {
    const series = priceSeries("TEST", HOUR, restless(24 * 560));
    assert.ok(differences(series, [...sample(series.candles.length, 60, 1), series.candles.length - 1]) < 1e-10);
  });

  it("are those of the live functions around holes short and long, and at their edges", () => {
    const whole = restless(24 * 330);
    const holes = [
      [24 * 100 + 5, 3],
      [24 * 150 + 20, 9],
      [24 * 220 + 1, 30],
      [24 * 260, 24 * 9],
    ] as const;
    const inHole = (i: number) => holes.some(([from, length]) => i >= from && i < from + length);
    const candles = whole.filter((_, i) => !inHole(i));
    const series = priceSeries("TEST", HOUR, candles);
    const edges = candles.flatMap(([time], i) =>
      (candles[i + 1]?.[0] ?? time + HOUR) - time > HOUR ? [i, i + 1, i + 24] : [],
    );
    assert.ok(differences(series, [...edges, ...sample(candles.length, 40, 2)]) < 1e-10);
  });

  it("are those of the live functions on recorded ether", (t) => {
    const folder = dataFolder();
    const file = "ohlcv/binance_spot_ETHUSDT_1h.csv.gz";
    if (folder === null || dataFile(file) === null) return t.skip(`shared data not present: ${file}`);
    const whole = loadSeries(folder, "ETH", file, HOUR);
    const series = priceSeries("ETH", HOUR, whole.candles.slice(0, 24 * 1000));
    assert.ok(differences(series, sample(series.candles.length, 25, 3)) < 1e-10);
  });

  it("cap the month's volume at ten times that of the whole history, as the live function does", () => {
    const bought = restless(24 * 160).map(([time, open, high, low, close, volume], i) => {
      return [time, open, high, low, close, i < 24 * 120 ? volume : 500 * volume] as const;
    });
    const series = priceSeries("TEST", HOUR, bought);
    assert.ok(differences(series, [24 * 60, 24 * 130, 24 * 150, 24 * 160 - 1]) < 1e-10);
    const young = priceSeries("TEST", HOUR, bought.slice(24 * 70));
    assert.ok(differences(young, [24 * 40, 24 * 82, 24 * 85]) < 1e-10, "not before ninety days are known");
    const volumes = estimatesOf(series, 0.99).dailyVolumeUsd;
    assert.ok((volumes[24 * 158] ?? 0) < 20 * (volumes[24 * 100] ?? 0));
  });

  it("are those of a keeper that keeps so many days of candles and what is left of older ones, to rounding", () => {
    const isMissing = (i: number) => (i >= 24 * 80 + 7 && i < 24 * 80 + 40) || (i >= 24 * 120 && i < 24 * 129 + 3);
    const whole = restless(24 * 140).filter((_, i) => !isMissing(i));
    const [kept, days] = [priceSeries("TEST", HOUR, whole), 110];
    const [found, every] = [estimatesOf(kept, 0.9, days), estimatesOf(kept, 0.9)];
    for (const i of [...sample(whole.length, 12, 5), 24 * 100, whole.length - 1]) {
      const now = kept.closeTimes[i] ?? 0;
      const { from } = spanOf({ now, days });
      const { candles, ...head } = historyUntil(kept, i);
      const before = pastAfter(EMPTY_PAST, { ...head, candles }, pastUntil(now, days));
      const says = historyVolatility({ ...head, candles: candles.filter(([time]) => time >= from), before }, now);
      const tail = historicalTail(says.shocks, 0.6, 24, 0.9)?.multiple;
      const live = [says.har, says.ewma, says.longRun, says.realised30d, tail, says.days, says.dailyVolumeUsd];
      const { har, ewma, longRun, realised, tailMultiple, dailyVolumeUsd } = found;
      const fast = [har, ewma, longRun, realised, tailMultiple, found.days, dailyVolumeUsd].map((column) => column[i]);
      for (const [n, value] of live.entries()) near((fast[n] || 1) / (value || 1), 1, 1e-12);
      assert.equal(found.days[i], every.days[i], "no day is forgotten");
      if (!Number.isNaN(every.longRun[i])) near((found.longRun[i] ?? 0) / (every.longRun[i] ?? 1), 1, 1e-12);
    }
    const last = whole.length - 1;
    assert.ok((found.tailMultiple[last] ?? 0) > 0, "a tail of so many days at 90 %");
    assert.notEqual(found.ewma[last], every.ewma[last], "and forecasts are of the candles kept alone");
  });

  it("do not change when the future does", () => {
    const candles = restless(24 * 260);
    const cut = 24 * 240;
    const other: Candle[] = candles.map((candle, i) => {
      const [time, open, high, low, close, volume] = candle;
      return i < cut ? candle : [time, open * 3, high * 3, low * 3, close * 3, volume * 5];
    });
    const [a, b] = [candles, other].map((list) => estimatesOf(priceSeries("TEST", HOUR, list), 0.99));
    assert.deepEqual(a?.har.slice(0, cut), b?.har.slice(0, cut));
    assert.deepEqual(a?.longRun.slice(0, cut), b?.longRun.slice(0, cut));
  });
});

describe("the growing regression", () => {
  it("gives the coefficients and residual variance of the whole regression after each row", () => {
    const random = uniforms(6);
    const rows = Array.from({ length: 60 }, () => [1, random() * 3, random() ** 2]);
    const outcomes = rows.map(([one = 0, a = 0, b = 0]) => one + 2 * a - b + 0.1 * random());
    const growing = new ExpandingRegression(3);
    for (const [n, row] of rows.entries()) {
      growing.push(row, outcomes[n] ?? 0);
      const whole = linearRegression(rows.slice(0, n + 1), outcomes.slice(0, n + 1));
      const found = growing.solve();
      assert.equal(found === null, whole === null, `row ${n}`);
      if (found === null || whole === null) continue;
      for (const [j, value] of whole.coefficients.entries()) near(found.coefficients[j] ?? 0, value, 1e-9);
      near(found.residualVariance, whole.residualVariance, 1e-11);
    }
  });

  it("says nothing when a column is a combination of the others", () => {
    const growing = new ExpandingRegression(3);
    for (let n = 0; n < 10; n++) growing.push([1, n, 2 * n + 1], n);
    assert.equal(growing.solve(), null);
  });
});

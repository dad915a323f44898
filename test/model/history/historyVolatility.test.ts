import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { gunzipSync } from "node:zlib";
import type { Candle } from "../../../keeper/domain/observation.ts";
import { dailyBars, dailyVariances, usableCandles } from "../../../keeper/model/history/dailyBars.ts";
import { historyVolatility } from "../../../keeper/model/history/historyVolatility.ts";
import { endOf, HOUR, historyOf, START, walk } from "../../support/candles.ts";
import { dataFile } from "../../support/data.ts";
import { near } from "../../support/near.ts";

const year = walk(400 * 24, () => 0.6);

describe("volatility of a price history", () => {
  it("recovers the volatility of a random walk from every estimator", () => {
    const result = historyVolatility(historyOf(year), endOf(year));
    for (const name of ["har", "ewma", "longRun", "realised30d"] as const) near(result[name] ?? 0, 0.6, 0.06, name);
    // A walk seen 24 times a day has no extremes in between, so ranges come out about 10 % low.
    near(result.range ?? 0, 0.54, 0.04, "range");
    near(result.longRun ?? 0, 0.6, 0.01, "longRun");
    assert.equal(result.days, 400);
    assert.deepEqual(result.faults, []);
  });

  it("never reads a candle that closes after now", () => {
    const now = START + 300 * 24 * HOUR;
    const past = year.slice(0, 300 * 24);
    const { faults, ...seen } = historyVolatility(historyOf(year), now);
    const { faults: none, ...known } = historyVolatility(historyOf(past), now);
    assert.deepEqual(seen, known);
    assert.deepEqual(none, []);
    assert.deepEqual(
      faults.map(({ code, count }) => [code, count]),
      [["FUTURE", 100 * 24]],
    );
  });

  it("rises when the last days are wild, log-HAR first and the long run least", () => {
    const wild = walk(400 * 24, (hour) => (hour >= 398 * 24 ? 1.8 : 0.6));
    const { har, ewma, realised30d, longRun } = historyVolatility(historyOf(wild), endOf(wild));
    assert.ok((har ?? 0) > (realised30d ?? 0) && (ewma ?? 0) > (realised30d ?? 0));
    assert.ok((realised30d ?? 0) > (longRun ?? 1) && (longRun ?? 0) > 0.6);
  });

  it("says nothing rather than something small when history is short", () => {
    const week = year.slice(0, 5 * 24);
    const { har, ewma, longRun, realised30d, range, faults } = historyVolatility(historyOf(week), endOf(week));
    assert.deepEqual([har, ewma, longRun, realised30d, range], [null, null, null, null, null]);
    assert.deepEqual(
      faults.map(({ code }) => code),
      ["TOO_FEW"],
    );
    const empty = historyVolatility(historyOf([]), START);
    assert.deepEqual([empty.days, empty.dailyVolumeUsd], [0, 0]);
  });

  it("says nothing about a frozen feed: no movement is not no risk", () => {
    const frozen = year.map(([time]): Candle => [time, 2000, 2000, 2000, 2000, 5]);
    const { har, ewma, longRun, realised30d, range } = historyVolatility(historyOf(frozen), endOf(frozen));
    assert.deepEqual([har, ewma, longRun, realised30d, range], [null, null, null, null, null]);
  });

  it("takes the median daily volume, so one wash day does not count, and holes count as none", () => {
    const loud = year.map((c, i): Candle => (i >= 399 * 24 ? [c[0], c[1], c[2], c[3], c[4], 1e9] : c));
    const plain = historyVolatility(historyOf(year), endOf(year)).dailyVolumeUsd;
    near(historyVolatility(historyOf(loud), endOf(loud)).dailyVolumeUsd / plain, 1, 0.05);
    const holes = year.filter((_, i) => i < 380 * 24 || i >= 399 * 24);
    assert.equal(historyVolatility(historyOf(holes), endOf(holes)).dailyVolumeUsd, 0);
  });

  it("drops malformed candles with a fault instead of an exception", () => {
    const bad = year.map((c, i): Candle => (i % 1000 === 7 ? [c[0], c[1], c[2], c[3], Number.NaN, c[5]] : c));
    bad[5000] = [bad[4000]?.[0] ?? 0, 1, 1, 1, 1, 1];
    const { longRun, faults } = historyVolatility(historyOf(bad), endOf(bad));
    near(longRun ?? 0, 0.6, 0.01);
    assert.deepEqual(
      faults.map(({ code, count }) => [code, count]),
      [
        ["GAP", 11],
        ["INCONSISTENT", 11],
      ],
    );
  });
});

describe("holes in the candles", () => {
  const twoDays = walk(48, () => 0.6);

  it("are never interpolated: the one return across a short hole is split over the time it spans", () => {
    const holed = twoDays.filter((_, i) => i < 20 || i >= 30);
    const { days, problems } = dailyBars(usableCandles(historyOf(holed), endOf(holed)));
    assert.equal(problems.missing, 10);
    const across = Math.log((holed[20]?.[4] ?? 1) / (holed[19]?.[4] ?? 1)) ** 2;
    const own = (from: number, to: number) =>
      holed.slice(from, to).reduce((sum, c, i) => sum + Math.log(c[4] / (holed[from + i - 1]?.[4] ?? c[1])) ** 2, 0);
    near(days[0]?.squaredReturns ?? 0, own(0, 20) + (across * 4) / 11, 1e-15);
    near(days[1]?.squaredReturns ?? 0, own(21, 38) + (across * 7) / 11, 1e-15);
    assert.deepEqual(
      days.map((day) => day?.coveredSeconds),
      [86_400, 86_400],
    );
  });

  it("of just two days are bridged, and a second longer are not", () => {
    for (const [longer, covered] of [
      [0, 4 * 86_400],
      [1, 2 * 86_400],
    ] as const) {
      const after = walk(24, () => 0.6).map((c): Candle => [c[0] + 3 * 86_400 + longer, c[1], c[2], c[3], c[4], c[5]]);
      const candles = [...walk(24, () => 0.6), ...after];
      const { days } = dailyBars(usableCandles(historyOf(candles), endOf(candles)));
      assert.equal(
        days.reduce((sum, day) => sum + (day?.coveredSeconds ?? 0), 0),
        covered,
      );
      const first = Math.log(Number(after[0]?.[4]) / Number(longer === 0 ? candles[23]?.[4] : after[0]?.[1])) ** 2;
      const own = walk(24, () => 0.6).reduce(
        (sum, c, i, all) => sum + Math.log(c[4] / (all[i - 1]?.[4] ?? c[1])) ** 2,
        0,
      );
      const inner = own - Math.log(Number(after[0]?.[4]) / Number(after[0]?.[1])) ** 2;
      near(
        days.reduce((sum, day) => sum + (day?.squaredReturns ?? 0), 0),
        own + inner + first,
        1e-12,
      );
    }
  });

  it("longer than a day start a new run: the return across them is not used", () => {
    const before = walk(24, () => 0.6);
    const after = walk(24, () => 0.6, 2).map(
      (c): Candle => [c[0] + 40 * 86_400, c[1] / 2, c[2] / 2, c[3] / 2, c[4] / 2, c[5]],
    );
    const candles = [...before, ...after];
    const variances = dailyVariances(dailyBars(usableCandles(historyOf(candles), endOf(candles))).days);
    assert.equal(variances.length, 41);
    assert.equal(variances.filter((value) => value !== null).length, 2);
    assert.ok((variances.at(-1) ?? 1) < 0.01, "a fall by half is in no daily variance");
  });

  it("leave a day unknown when less than half of it is covered", () => {
    const candles = [
      ...walk(10, () => 0.6),
      ...walk(24, () => 0.6, 3).map((c): Candle => [c[0] + 14 * HOUR + 864_000, c[1], c[2], c[3], c[4], c[5]]),
    ];
    const variances = dailyVariances(dailyBars(usableCandles(historyOf(candles), endOf(candles))).days);
    assert.equal(variances[0], null);
  });
});

describe("recorded ETH candles", () => {
  it("forecast more than realised volatility on the eve of 20 May 2021, and far more the day after", (t) => {
    const file = dataFile("ohlcv/binance_usdm_perp_ETHUSDT_1h.csv.gz");
    if (file === null) return t.skip("shared data not present: ohlcv/binance_usdm_perp_ETHUSDT_1h.csv.gz");
    const rows = gunzipSync(readFileSync(file)).toString().trim().split("\n").slice(1);
    const candles = rows.slice(0, 15_000).map((row) => row.split(",").map(Number) as unknown as Candle);
    const at = (iso: string) => historyVolatility(historyOf(candles), Date.parse(iso) / 1000);
    const eve = at("2021-05-19T00:00:00Z");
    const after = at("2021-05-20T00:00:00Z");
    near(after.har ?? 0, 2.72, 0.01);
    assert.ok((eve.har ?? 0) > 1.2 && (after.har ?? 0) > 1.5 * (eve.har ?? 9));
    assert.ok(eve.dailyVolumeUsd > 5e9);
  });
});

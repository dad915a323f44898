import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Candle } from "../../../../keeper/domain/observation.ts";
import { DEFAULT_MODEL, DEFAULT_POLICY } from "../../../../keeper/markets/defaults.ts";
import { RISK_CLASSES } from "../../../../keeper/markets/limits.ts";
import { ASSETS } from "../../../../scripts/lab/validation/backtest/assets.ts";
import { reserveOfBids } from "../../../../scripts/lab/validation/backtest/bookDepth.ts";
import { priceSeries } from "../../../../scripts/lab/validation/backtest/priceSeries.ts";
import { recordedSize } from "../../../../scripts/lab/validation/backtest/recordedSize.ts";
import { worldOf } from "../../../../scripts/lab/validation/backtest/worlds.ts";
import { near } from "../../../support/near.ts";

const DAY = 86_400;
const PROPORTIONS = { depthOverCap: 0.15, volumeOverCap: 2 };
const { supplyCapUsd: CAP } = DEFAULT_MODEL;

/** Hourly candles at 100 USD of which each day trades `usd(day)`. */
function traded(days: number, usd: (day: number) => number, missing: (day: number) => boolean = () => false) {
  const candles = Array.from({ length: days * 24 }, (_, i): Candle => {
    return [i * 3_600, 100, 100, 100, 100, usd(Math.floor(i / 24)) / 24 / 100];
  });
  return priceSeries(
    "made",
    3_600,
    candles.filter(([time]) => !missing(Math.floor(time / DAY))),
  );
}
const sizeOf = (series: ReturnType<typeof traded>, book: Parameters<typeof recordedSize>[1] = null) =>
  recordedSize(series, book, DEFAULT_MODEL, PROPORTIONS);

describe("the recorded size of a market", () => {
  it("is the proportions assumed while the month is like the year", () => {
    const { depthUsdAt, dailyVolumeUsdAt } = sizeOf(traded(400, () => 5e6));
    near(dailyVolumeUsdAt(399 * DAY), 2 * CAP, 1);
    near(depthUsdAt(399 * DAY), 0.15 * CAP, 1);
  });

  it("moves with the month's volume against the year's, known only once a day is over", () => {
    const { dailyVolumeUsdAt, depthUsdAt } = sizeOf(traded(500, (day) => (day < 400 ? 4e6 : 1e6)));
    near(dailyVolumeUsdAt(400 * DAY), 2 * CAP, 1);
    near(dailyVolumeUsdAt(431 * DAY), 0.5 * CAP, 1);
    near(depthUsdAt(431 * DAY), 0.15 * CAP * 0.25, 1);
    assert.equal(dailyVolumeUsdAt(414 * DAY), dailyVolumeUsdAt(400 * DAY), "a fortnight is not a month's median");
  });

  it("does not count days that were not recorded", () => {
    const { dailyVolumeUsdAt } = sizeOf(
      traded(
        300,
        () => 3e6,
        (day) => day >= 250 && day < 280,
      ),
    );
    near(dailyVolumeUsdAt(281 * DAY), 2 * CAP, 1);
  });

  it("is the book's depth at the bonus where one was recorded lately, else in proportion to volume", () => {
    const book = Array.from({ length: 300 }, (_, i) => ({ time: 300 * DAY + i * 14_400, depth: 1e5 }));
    const { depthUsdAt, book: span } = sizeOf(
      traded(400, () => 5e6),
      book,
    );
    const expected = (reserveOfBids(1e5) * DEFAULT_MODEL.liquidationBonus * 2 * CAP) / 5e6;
    near(depthUsdAt(340 * DAY), expected, 1);
    near(depthUsdAt(299 * DAY), 0.15 * CAP, 1);
    near(depthUsdAt(390 * DAY), 0.15 * CAP, 1);
    assert.deepEqual(span, { from: 300 * DAY, to: 300 * DAY + 299 * 14_400 });
    // Selling q into a constant product of that reserve takes the price to 0.99 when q is the bids.
    near((1 + 1e5 / reserveOfBids(1e5)) ** -2, 0.99, 1e-12);
  });

  it("says the same whatever came later", () => {
    const book = Array.from({ length: 2_000 }, (_, i) => ({ time: 100 * DAY + i * 14_400, depth: 1e5 + 99 * (i % 7) }));
    const cut = 350 * DAY;
    const [full, early] = [500, 350].map((days) => {
      const later = (day: number) => (day < 350 ? 4e6 + 1e5 * (day % 9) : 9e9);
      const known = book.map((one) => (one.time <= cut || days === 500 ? one : { ...one, depth: 1 }));
      return sizeOf(traded(days, later), known);
    });
    for (let time = 120 * DAY; time <= cut; time += 7 * DAY + 3_600) {
      assert.equal(full?.depthUsdAt(time), early?.depthUsdAt(time));
      assert.equal(full?.dailyVolumeUsdAt(time), early?.dailyVolumeUsdAt(time));
    }
  });
});

describe("each collateral's class", () => {
  it("gives bounds, speed and bonus", () => {
    const settings = {
      model: DEFAULT_MODEL,
      policy: DEFAULT_POLICY,
      limits: RISK_CLASSES.major.limits,
      changes: {},
      ...PROPORTIONS,
    };
    const sources = { series: traded(1, () => 1), index: null, transfer: null };
    const of = (name: string) => {
      const asset = ASSETS.find((one) => one.name === name);
      assert.ok(asset !== undefined);
      const { limits, model } = worldOf(asset, sources, settings);
      const { minMaintenanceBps, maxMaintenanceBps, tightenSpeedBpsPer30Days, liquidationBonusBps } = limits;
      assert.equal(liquidationBonusBps, Math.round(model.liquidationBonus * 10_000));
      return [minMaintenanceBps, maxMaintenanceBps, tightenSpeedBpsPer30Days, liquidationBonusBps];
    };
    assert.deepEqual(of("ETH"), [700, 4_500, 300, 500]);
    assert.deepEqual(of("WBTC"), [900, 4_500, 300, 500]);
    const [least, most, speed, bonus] = of("UNI") as [number, number, number, number];
    assert.deepEqual([most, speed, bonus], [8_000, 500, 1_000]);
    assert.ok(least > 900, "a bonus of 10 % makes every liquidation below 9.1 % a loss");
  });
});

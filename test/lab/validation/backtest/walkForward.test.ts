import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DEFAULT_MODEL, DEFAULT_POLICY } from "../../../../keeper/markets/defaults.ts";
import { haircut } from "../../../../keeper/model/haircut.ts";
import { historicalTail } from "../../../../keeper/model/history/historicalTail.ts";
import { historyVolatility } from "../../../../keeper/model/history/historyVolatility.ts";
import { credibleVolatility } from "../../../../keeper/model/history/varianceForecasts.ts";
import { NO_SOURCES, poolVolatility } from "../../../../keeper/model/volatilityLadder.ts";
import { assetStudy } from "../../../../scripts/lab/validation/backtest/assetStudy.ts";
import { ChainPath } from "../../../../scripts/lab/validation/backtest/chainPath.ts";
import { indexAt } from "../../../../scripts/lab/validation/backtest/indexSeries.ts";
import { historyUntil } from "../../../../scripts/lab/validation/backtest/priceSeries.ts";
import { rungVolatility } from "../../../../scripts/lab/validation/backtest/rungs.ts";
import { walkForward } from "../../../../scripts/lab/validation/backtest/walkForward.ts";
import { HOUR, START } from "../../../support/candles.ts";
import { near } from "../../../support/near.ts";
import { CALM_LIMITS } from "../../../support/onChain.ts";
import { restless, worldOf } from "./support.ts";

const candles = restless(24 * 240);
const world = worldOf(candles);
const walk = walkForward(world);

describe("the walk", () => {
  it("begins when the long run is known, 89 days and the half of the first in, and goes on at every close", () => {
    assert.equal(walk.time[0], START + 89.5 * 86_400);
    assert.equal(walk.origin.length, candles.length - 89.5 * 24 + 1);
  });

  it("says at an origin what the live functions say with the candles closed by then", () => {
    for (const n of [0, 1500, walk.origin.length - 1]) {
      const i = walk.origin[n] ?? 0;
      const now = walk.time[n] ?? 0;
      const history = historyUntil(world.series, i);
      const past = historyVolatility(history, now);
      const index = world.index === null ? null : indexAt(world.index, now);
      const sources = {
        ...NO_SOURCES,
        har: past.har,
        ewma: past.ewma,
        longRun: past.longRun,
        realised: past.realised30d,
        index,
      };
      const pooled = poolVolatility({ ...sources, confidence: 0, historyDays: past.days }, DEFAULT_MODEL);
      near(walk.used[n] ?? 0, pooled.used, 1e-9);
      assert.equal(`L${walk.level[n]}`, pooled.level);
      const longRun = past.longRun ?? Number.NaN;
      const shocks = historyVolatility(history, now).shocks;
      const at = (volatility: number) => {
        const historicalLoss = historicalTail(shocks, volatility, 24, 0.99)?.loss ?? null;
        return haircut({ volatility, oracleDeviation: 0, historicalLoss }, DEFAULT_MODEL);
      };
      const counted = credibleVolatility({ volatility: longRun, days: past.days }, 0.8);
      const slow = at(counted);
      const gentle = Math.sqrt(Math.min(1, counted / longRun) * pooled.used * counted);
      near(walk.maintenance.ours[n] ?? 0, slow.haircut, 1e-9);
      near(walk.loss[n] ?? 0, slow.loss, 1e-9);
      near(walk.initial.ours[n] ?? 0, Math.max(at(gentle).haircut, slow.haircut + DEFAULT_MODEL.minimumGap), 1e-9);
      // 60 million of depth in slices of three tenths, eight of them in four hours; 8.2 % falls due at 150 % a year.
      const fall = 1 - Math.exp(-3.69151049 * 1.5 * Math.sqrt(24 / 8_760));
      const due = (20e6 + ((fall - 0.2) / 0.1) * 25e6) / 400e6;
      const phi = Math.min(1, Math.max(0.3, Math.sqrt(longRun / pooled.used)));
      near(walk.limitOverCap[n] ?? 0, (phi * 60e6 * 0.3 * 8) / due / 400e6, 1e-7);
    }
  });

  it("gives static parameters as deployed, and known answers for the rivals", () => {
    assert.ok(walk.maintenance.static.every((value) => value === 0.17));
    assert.ok(walk.initial.static.every((value) => value === 0.195));
    const n = 2000;
    const [ewma, realised] = [walk.ewma[n] ?? 0, walk.realised[n] ?? 0];
    near(walk.maintenance.ewmaNormal[n] ?? 0, 1 - Math.exp((-2.3263478740408408 * ewma) / Math.sqrt(365)) / 1.05, 1e-9);
    near(walk.maintenance.realised[n] ?? 0, 1 - Math.exp((-3.69151049 * realised) / Math.sqrt(365)) / 1.05, 1e-8);
    near(walk.maintenance.smartLtv[n] ?? 0, 1.05 - Math.exp((-3 * realised) / Math.sqrt(365) / Math.sqrt(0.15)), 1e-9);
    const index = world.index === null ? 0 : indexAt(world.index, walk.time[n] ?? 0);
    near(walk.maintenance.aloe[n] ?? 0, 1 - Math.exp((-5 * index) / Math.sqrt(365)) / 1.055, 1e-9);
  });

  it("takes each rung alone: prices only are 1.2 times their forecast or floor, governance's number stands", () => {
    const known = {
      har: 0.5,
      ewma: 0.4,
      longRun: 0.6,
      realised: 0.45,
      days: 400,
      index: 0.7,
      transferIndex: 0.9,
      transferRealised: 0.6,
    };
    near(rungVolatility("L2", known, DEFAULT_MODEL), 1.05 * Math.sqrt(0.5 * 0.7), 1e-12);
    near(rungVolatility("L3", known, DEFAULT_MODEL), 1.15 * Math.sqrt(0.5 * 0.45 * 1.5), 1e-12);
    near(rungVolatility("L4", known, DEFAULT_MODEL), 1.2 * 0.5, 1e-12);
    near(rungVolatility("L6", known, DEFAULT_MODEL), 1.5, 1e-12);
    assert.ok(Number.isNaN(rungVolatility("L2", { ...known, index: Number.NaN }, DEFAULT_MODEL)));
    assert.ok(Number.isNaN(rungVolatility("L3", { ...known, transferIndex: Number.NaN }, DEFAULT_MODEL)));
  });

  it("is judged only within the dates asked for", () => {
    const from = START + 150 * 86_400;
    // Withheld spans begin on 16 April 2026: the sample lies before it.
    const study = assetStudy(world, walk, START + 92 * 86_400, START + 100 * 86_400, 1);
    assert.ok(study !== null && study.from >= START + 92 * 86_400 && study.to < START + 100 * 86_400);
    assert.equal(study.coverage.ladder?.windows, 8 * 24);
    assert.equal(assetStudy(world, walk, from + 1e9, from + 2e9, 1), null);
    assert.equal(study.limited, 0);
  });
});

describe("the path on chain", () => {
  const target = (maintenance: number, initial: number, limitUsd = 1e15) => {
    const terms = {} as never;
    const limit = { usd: limitUsd, sellableUsd: limitUsd, depthFactor: 1, dueShare: 1, fall: 0.25 };
    return { maintenance, initial, maintenanceTerms: terms, initialTerms: terms, initialBinding: "market", limit };
  };

  it("takes initial up at once and maintenance at 300 bp in 30 days", () => {
    const chain = new ChainPath(DEFAULT_POLICY, CALM_LIMITS);
    chain.step(START, target(0.17, 0.2));
    const shocked = chain.step(START + HOUR, target(0.3, 0.4));
    assert.equal(shocked.initial, 0.4);
    near(shocked.maintenance, 0.17, 1e-9);
    const later = chain.step(START + HOUR + 86_400, target(0.3, 0.4));
    near(later.maintenance, 0.171, 1e-9);
  });

  it("comes down slowly: a point and a half a day at most, and never within 72 h of a breaker", () => {
    const chain = new ChainPath(DEFAULT_POLICY, CALM_LIMITS);
    chain.step(START, target(0.17, 0.2));
    chain.step(START + HOUR, target(0.17, 0.4));
    let last = 0.4;
    for (let hour = 2; hour < 24 * 10; hour++) {
      const { initial } = chain.step(START + hour * HOUR, target(0.17, 0.2));
      assert.ok(initial <= last);
      if (hour < 72) assert.equal(initial, 0.4, `hour ${hour}`);
      last = initial;
    }
    assert.ok(last < 0.38 && last > 0.4 - 0.015 * 7 - 1e-9, `${last}`);
    assert.ok(chain.updates > 4);
  });

  it("lowers the exposure limit at once and raises it within the pace, at most to the cap; without a cap it stays", () => {
    const chain = new ChainPath(DEFAULT_POLICY, CALM_LIMITS, 400e6);
    assert.equal(chain.step(START, target(0.17, 0.2)).limitOverCap, 1);
    const thin = chain.step(START + HOUR, target(0.17, 0.2, 100e6)).limitOverCap;
    near(thin, 0.25, 0.25 * 1e-3);
    let last = thin;
    for (let hour = 2; hour < 24 * 90; hour++) {
      const { limitOverCap } = chain.step(START + hour * HOUR, target(0.17, 0.2));
      assert.ok(limitOverCap >= last && limitOverCap <= 1);
      // Half of what the hot key may raise in a window of eight hours, in notches of a 1024th at the most.
      const most = 1 + Math.floor(CALM_LIMITS.hotRaiseBudget / 2) / 1_024;
      assert.ok(limitOverCap <= last * most, `hour ${hour}: ${last} to ${limitOverCap}`);
      last = limitOverCap;
    }
    assert.ok(last >= 1 - 72 / 2_048, `within the dead band of the cap: ${last}`);
    const stays = new ChainPath(DEFAULT_POLICY, CALM_LIMITS);
    stays.step(START, target(0.17, 0.2));
    assert.equal(stays.step(START + HOUR, target(0.17, 0.2, 100e6)).limitOverCap, 1);
  });

  it("never leaves governance's bounds", () => {
    const chain = new ChainPath(DEFAULT_POLICY, CALM_LIMITS);
    for (let hour = 0; hour < 24 * 60; hour += 6) {
      const { initial, maintenance } = chain.step(START + hour * HOUR, target(0.9, 0.95));
      assert.ok(initial <= 0.6 && maintenance <= 0.5, `${initial}, ${maintenance}`);
    }
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { estimatesOf } from "../../../../scripts/lab/validation/backtest/estimates.ts";
import { priceSeries, ratioSeries } from "../../../../scripts/lab/validation/backtest/priceSeries.ts";
import { walkForward } from "../../../../scripts/lab/validation/backtest/walkForward.ts";
import { blockBootstrapOf } from "../../../../scripts/lab/validation/statistics/blockBootstrapOf.ts";
import { uniforms } from "../../../../scripts/lab/validation/statistics/random.ts";
import { Correlations } from "../../../../scripts/lab/validation/studies/correlations.ts";
import { elasticityStudy } from "../../../../scripts/lab/validation/studies/depthElasticity.ts";
import { judgementRows } from "../../../../scripts/lab/validation/studies/judgement.ts";
import { multiplierEstimate } from "../../../../scripts/lab/validation/studies/ladderMultipliers.ts";
import { pairStudy } from "../../../../scripts/lab/validation/studies/pairs.ts";
import { peggedStudy } from "../../../../scripts/lab/validation/studies/pegged.ts";
import { poolingStudy } from "../../../../scripts/lab/validation/studies/poolingWeight.ts";
import { walk as candlesOf, HOUR, normals, START } from "../../../support/candles.ts";
import { near } from "../../../support/near.ts";
import { worldOf } from "../backtest/support.ts";

const DAY = 86_400;

describe("needed multipliers", () => {
  it("are the one in use times the quantile of loss over forecast", () => {
    const random = uniforms(1);
    const size = 24 * 2000;
    const windows = {
      time: Float64Array.from({ length: size }, (_, n) => START + n * HOUR),
      loss: Float64Array.from({ length: size }, () => random()),
      valueAtRisk: new Float64Array(size).fill(0.5),
      shortfall: new Float64Array(size).fill(0.6),
    };
    const found = multiplierEstimate("L4", "major", [windows], 24, 1.2, 0.01, 1);
    near(found.estimate, 1.2 * (0.99 / 0.5), 0.01);
    assert.ok(found.interval.low < found.estimate && found.interval.high > found.estimate - 0.01);
    assert.equal(found.windows, size);
  });

  it("have an interval that is the same for the same seed", () => {
    const values = Float64Array.from({ length: 300 }, (_, n) => Math.sin(n));
    const mean = (sample: Float64Array) => sample.reduce((a, b) => a + b, 0) / sample.length;
    assert.deepEqual(blockBootstrapOf(values, 10, 3, 100, mean), blockBootstrapOf(values, 10, 3, 100, mean));
    assert.ok(Number.isNaN(blockBootstrapOf(new Float64Array(), 10, 3, 100, mean).low));
  });
});

describe("elasticity of depth", () => {
  it("finds the slope it was made with, and quantiles of depth against its own past", () => {
    const normal = normals(8);
    const ratio = (time: number) => Math.exp(0.5 * Math.sin(time / (20 * DAY)));
    const samples = Array.from({ length: 1500 }, (_, n) => {
      const time = START + n * 4 * HOUR;
      return { time, depth: 1e6 * ratio(time) ** 1.3 * Math.exp(0.1 * normal()) };
    });
    const found = elasticityStudy("made", samples, ratio, 6, 1);
    assert.ok(found !== null);
    near(found.eta, 1.3, 0.05);
    assert.ok(found.interval.low < 1.3 && found.interval.high > 1.3);
    assert.ok(found.least <= found.onePerMille && found.onePerMille <= found.onePercent && found.onePercent < 1);
    assert.equal(elasticityStudy("short", samples.slice(0, 50), ratio, 6, 1), null);
    assert.equal(
      elasticityStudy("unknown", samples, () => Number.NaN, 6, 1),
      null,
    );
  });
});

describe("the weight of implied volatility", () => {
  it("is near one where the index knows what log-HAR cannot, and is purged by a day", () => {
    const level = (hour: number) => 0.6 * Math.exp(0.7 * Math.sin(Math.floor(hour / 24) * 2.4));
    // Hours counted so that the first candle opens at midnight; the index at a day's end knows the next day's level.
    const candles = candlesOf(24 * 500, level, 5);
    const series = priceSeries("T", HOUR, candles);
    const times = Float64Array.from({ length: 500 }, (_, day) => START + (day + 1) * DAY);
    const index = { times, values: times.map((_, day) => level((day + 1) * 24)) };
    const found = poolingStudy("T", series, estimatesOf(series, 0.99), index, 0.5);
    assert.ok(found !== null && found.weight > 0.8, `${found?.weight}`);
    assert.ok((found.losses["1"] ?? 9) < (found.losses["0"] ?? 0), "the index alone beats log-HAR alone");
    assert.equal(
      poolingStudy(
        "T",
        series,
        estimatesOf(series, 0.99),
        { times: new Float64Array(), values: new Float64Array() },
        0.5,
      ),
      null,
    );
  });
});

describe("pairs", () => {
  const a = worldOf(
    candlesOf(24 * 260, () => 0.8, 1),
    { index: null },
  );
  const b = worldOf(
    candlesOf(24 * 260, () => 0.4, 2),
    { index: null },
  );

  it("of independent coins have the volatility of both together; the collateral's alone is too low", () => {
    const [collateral, debt] = [walkForward(a), walkForward(b)];
    const found = pairStudy(a, b.series, { collateral, debt }, 1);
    assert.ok(found !== null);
    const { ratio, correlation, collateral: own } = found.meanVolatility;
    near(ratio / own, Math.sqrt(1.25), 0.08);
    near(correlation / ratio, 1, 0.08);
    assert.equal(found.pair, "TEST/TEST");
  });

  it("of coins that move together have almost none, which only the ratio and the correlation see", () => {
    const twin = walkForward(a);
    const found = pairStudy(
      a,
      priceSeries(
        "TWIN",
        HOUR,
        a.series.candles.map(([t, o, h, l, c, v], i) => [t, o, h, l, c * (1 + 0.0004 * (i % 2)), v] as const),
      ),
      { collateral: twin, debt: twin },
      1,
    );
    assert.ok(found !== null);
    assert.ok(
      found.meanVolatility.correlation < 0.15 * found.meanVolatility.collateral,
      JSON.stringify(found.meanVolatility),
    );
    assert.ok(found.meanVolatility.ratio < 0.15 * found.meanVolatility.collateral);
  });

  it("know the correlation of any past window, and nothing before there is one", () => {
    const close = new Correlations(a.series, b.series);
    assert.ok(Number.isNaN(close.at(START + 10 * DAY, 30 * 24)));
    near(close.at(START + 200 * DAY, 90 * 24), 0, 0.08);
    near(new Correlations(a.series, a.series).at(START + 200 * DAY, 90 * 24), 1, 1e-6);
  });
});

describe("pegged collateral", () => {
  const claimed = priceSeries(
    "BASE",
    HOUR,
    candlesOf(24 * 140, () => 0.7, 3),
  );
  const depegs = START + 110 * DAY;
  const token = priceSeries(
    "CLAIM",
    HOUR,
    claimed.candles.map(([time, ...prices]) => {
      const wobble = 1 + 0.0005 * Math.sin(time / 9000);
      const scale = (time < depegs ? 1 : 0.9) * wobble;
      const [open, high, low, close, volume] = prices;
      return [time, open * scale, high * scale, low * scale, close * scale, volume] as const;
    }),
  );
  const world = worldOf(claimed.candles, { index: null });
  const study = peggedStudy({
    name: "CLAIM",
    token,
    claimed,
    ratio: ratioSeries(token, claimed),
    depeg: 0.01,
    world,
    deployed: { haircut: 0.1, by: "test" },
    from: 0,
    to: Number.POSITIVE_INFINITY,
  });

  it("has the haircut of what it is a claim on, and as one factor more what is stated, while the ratio is calm", () => {
    const calm = study.points.filter((point) => point.time < depegs);
    assert.ok(calm.length > 300);
    for (const { maintenance, base } of calm) near(1 - maintenance, (1 - base) * 0.99, 1e-12);
  });

  it("closes to new risk at the hour in which the discount exceeds what the bonus bridges, on chain too", () => {
    assert.equal(study.closedFirst, study.points.find((point) => point.time > depegs)?.time);
    const after = study.points.filter((point) => point.time > depegs);
    assert.ok(after.every(({ initial, onChain }) => initial === 1 && onChain === world.limits.maxInitialBps / 10_000));
    assert.equal(study.closedHours, after.length);
    near(study.largestDiscount, 0.1, 0.002);
  });

  it("as a claim on the debt has no loss but that of its ratio", () => {
    const ratio = ratioSeries(token, claimed);
    const bonus = { ...world, model: { ...world.model, liquidationBonus: 0.01, liquidationCost: 0.002 } };
    const pair = peggedStudy({
      ...{ name: "PAIR", token: ratio, claimed: null, ratio, depeg: 0.02, world: bonus, from: 0, to: depegs - DAY },
      deployed: { haircut: 0.05, by: "test" },
    });
    // Feed 50 bp, what no market shows 25, the stated depeg, the bonus; and the gap of three points above it.
    const first = pair.points[200];
    near(1 - (first?.maintenance ?? 0), (0.995 * 0.9975 * 0.98) / 1.01, 1e-12);
    near((first?.initial ?? 0) - (first?.maintenance ?? 0), 0.03, 1e-12);
    assert.equal(pair.breaches.maintenance.count, 0);
  });

  it("counts the fall below the claim, which no quiet history foretells", () => {
    assert.ok(study.breaches.deployed.count > 0);
    assert.ok(study.breaches.maintenance.mean > study.breaches.base.mean);
    assert.ok(study.breaches.maintenance.count <= study.breaches.base.count);
  });
});

describe("one parameter at a time", () => {
  it("marks the value in use, and a heavier tail costs more", () => {
    const world = worldOf(
      candlesOf(24 * 100, () => 0.8, 4),
      { index: null },
    );
    const rows = judgementRows(world, estimatesOf(world.series, 0.99), { degreesOfFreedom: [3, 4, 6] });
    assert.deepEqual(
      rows.map(({ value, inUse }) => [value, inUse]),
      [
        [3, false],
        [4, true],
        [6, false],
      ],
    );
    const [three, four, six] = rows.map((row) => row.meanMaintenance);
    assert.ok((three ?? 0) > (four ?? 0) && (four ?? 0) > (six ?? 1));
  });
});

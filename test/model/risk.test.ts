import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { MarketHistory } from "../../keeper/domain/decision.ts";
import { fault } from "../../keeper/domain/fault.ts";
import type { MarketParameters, ModelParameters } from "../../keeper/domain/parameters.ts";
import { type Readings, SOURCE_BITS } from "../../keeper/domain/risk.ts";
import { stressedMarketDepth } from "../../keeper/model/depth/route.ts";
import { estimatesAt } from "../../keeper/model/estimates.ts";
import { believedPrice } from "../../keeper/model/history/believedPrice.ts";
import { historicalTail } from "../../keeper/model/history/historicalTail.ts";
import { historyVolatility } from "../../keeper/model/history/historyVolatility.ts";
import { esMultiplier } from "../../keeper/model/numerics/distributions.ts";
import { fitSurface, impliedVolatility, riskNeutralLoss } from "../../keeper/model/options/surface.ts";
import { measureRisk } from "../../keeper/model/risk.ts";
import { qualify } from "../../keeper/quality/qualify.ts";
import { near } from "../support/near.ts";
import { calmBoard, calmFeed, calmHistory, calmObserved, calmPool } from "../support/observations.ts";
import { NO_HISTORY } from "../support/onChain.ts";
import { WBTC, WETH } from "../support/shipped.ts";

const NOW = 1_770_000_000;
const HOLD = WETH.quality.holdSeconds;
const DAY_YEARS = 24 / 8_760;
const MULTIPLE = esMultiplier(0.99, 4);
const calm = qualify(calmObserved(NOW), WETH, NOW);

const withModel = (change: Partial<ModelParameters>): MarketParameters => ({
  ...WETH,
  model: { ...WETH.model, ...change },
});
/** Nothing but what `change` says: fast, for neither a smile nor a history is fitted. */
const dark: Readings = { ...calm, options: null, index: null, history: null, route: [[]], feed: null, sources: 0 };
const risk = (change: Partial<Readings> = {}, history: MarketHistory = NO_HISTORY, market: MarketParameters = WETH) =>
  measureRisk({ ...dark, ...change }, history, market, NOW);

describe("measureRisk on a whole calm market", () => {
  const whole = measureRisk(calm, NO_HISTORY, WETH, NOW);
  assert.ok(calm.options !== null && calm.history !== null);
  const surface = fitSurface(calm.options, NOW, WETH.quality);

  it("takes implied volatility and the risk-neutral loss at the shortest horizon from the surface", () => {
    assert.equal(whole.volatility.implied, impliedVolatility(surface, DAY_YEARS));
    assert.equal(whole.tail.riskNeutral, riskNeutralLoss(surface, 0.99, DAY_YEARS));
    assert.equal(whole.confidence, calm.confidence * surface.confidence);
    assert.equal(whole.volatility.level, "L1");
  });

  it("gives the volatility whose Student shortfall over that horizon is the risk-neutral loss", () => {
    const vol = whole.volatility.riskNeutral ?? Number.NaN;
    near(1 - Math.exp(-MULTIPLE * vol * Math.sqrt(DAY_YEARS)), whole.tail.riskNeutral ?? Number.NaN, 1e-12);
  });

  it("stresses the depth by the shortfall of the volatility used", () => {
    const loss = 1 - Math.exp(-MULTIPLE * whole.volatility.used * Math.sqrt(DAY_YEARS));
    const expected = stressedMarketDepth(calm.route, "WETH", whole.depth.maxSlippage, loss);
    assert.deepEqual([whole.depth.nowUsd, whole.depth.shockedUsd], [expected?.nowUsd, expected?.shockedUsd]);
  });

  it("takes of shared estimates the tail of its own level", () => {
    const [near99, near95] = [withModel({ tailLevel: 0.99 }), withModel({ tailLevel: 0.95 })];
    const shared = estimatesAt(NOW);
    const old = { ...dark, history: calmHistory("ETH-PERPETUAL", NOW, 3_000, 0.5, 600) };
    const losses = [near99, near95, near99].map((market) => {
      const alone = measureRisk(old, NO_HISTORY, market, NOW).tail.historical;
      assert.equal(measureRisk(old, NO_HISTORY, market, NOW, shared).tail.historical, alone);
      return alone ?? assert.fail("600 days say something of the tail");
    });
    assert.ok((losses[0] as number) > (losses[1] as number));
  });

  it("scales the history's own shocks to the volatility used", () => {
    assert.ok(calm.history !== null);
    const tail = historicalTail(historyVolatility(calm.history, NOW).shocks, whole.volatility.used, 24, 0.99);
    assert.equal(whole.tail.historical, tail?.loss ?? null);
  });

  it("adds no bit to those of the readings, and no fault", () => {
    assert.deepEqual([whole.sources, whole.faults], [calm.sources, []]);
  });

  it("lists what the fit dropped, once, and not what the adapter has named before", () => {
    assert.ok(calm.options !== null);
    const quotes = calm.options.quotes.map((quote, i) => (i % 9 === 0 ? { ...quote, bidCoin: 9, askCoin: 1 } : quote));
    const spoiled = { ...calm, options: { ...calm.options, quotes } };
    const found = measureRisk(spoiled, NO_HISTORY, WETH, NOW).faults;
    const crossed = found.filter(({ code }) => code === "CROSSED");
    assert.equal(crossed.length, 1);
    const { source } = calm.options;
    const codes = (...known: Readings["faults"]) =>
      measureRisk({ ...spoiled, faults: known }, NO_HISTORY, WETH, NOW).faults.map(({ code }) => code);
    assert.ok(!codes(fault("CROSSED", source, "seen already", 3)).includes("CROSSED"));
    assert.ok(codes(fault("CROSSED", "another", "x"), fault("WIDE", source, "x")).includes("CROSSED"));
  });
});

describe("measureRisk without data", () => {
  it("stands on governance's static volatility, says so, and knows nothing else", () => {
    const found = risk();
    assert.deepEqual([found.volatility.level, found.volatility.used], ["L6", WETH.model.staticVolatility]);
    assert.equal(found.sources, SOURCE_BITS.staticFallback);
    assert.deepEqual(found.tail, { historical: null, riskNeutral: null });
    assert.deepEqual([found.confidence, found.oracleDeviation, found.depth.nowUsd], [0, 0, 0]);
    assert.equal(found.depth.shockedUsd, null);
    assert.equal(found.dailyVolumeUsd, WETH.model.supplyCapUsd);
  });

  it("pays for slippage what the bonus leaves after the cost, and never less than nothing", () => {
    near(risk().depth.maxSlippage, 0.05 / 1.05 - 0.005, 1e-15);
    near(
      risk({}, NO_HISTORY, withModel({ liquidationBonus: 0.25, liquidationCost: 0.05 })).depth.maxSlippage,
      0.15,
      1e-15,
    );
    assert.equal(risk({}, NO_HISTORY, withModel({ liquidationCost: 0.2 })).depth.maxSlippage, 0);
  });

  it("holds the last implied volatility for exactly as long as a source may be held, and marks it", () => {
    const held = (seconds: number) => risk({}, { ...NO_HISTORY, lastImplied: { time: NOW - seconds, vol: 1.9 } });
    const marked = (seconds: number) => (held(seconds).sources & SOURCE_BITS.heldVolatility) !== 0;
    assert.deepEqual([0, HOLD, HOLD + 1].map(marked), [true, true, false]);
    const [still, over] = [held(HOLD).volatility, held(HOLD + 1).volatility];
    assert.deepEqual([still.binding, over.binding], ["held", "static"]);
    assert.ok(still.used >= 1.9 && over.used === WETH.model.staticVolatility);
  });

  it("holds the last depth as long, and marks it; not where pools were read", () => {
    const last = (seconds: number): MarketHistory => ({ ...NO_HISTORY, lastDepth: { time: NOW - seconds, usd: 7e6 } });
    const marked = (seconds: number) => {
      const { sources, depth } = risk({}, last(seconds));
      return [(sources & SOURCE_BITS.heldDepth) !== 0, depth.nowUsd];
    };
    assert.deepEqual([0, HOLD, HOLD + 1].map(marked), [
      [true, 7e6],
      [true, 7e6],
      [false, 0],
    ]);
    const read = risk({ route: calm.route }, last(0));
    assert.equal(read.sources & SOURCE_BITS.heldDepth, 0);
    assert.ok(read.depth.nowUsd > 0 && read.depth.nowUsd !== 7e6);
  });

  it("takes the index for a source only while its last close is as young as a held value may be", () => {
    assert.ok(calm.index !== null);
    const closed = (age: number) => ({
      ...calm.index,
      closes: [[NOW - 9 * HOLD, 0.2] as const, [NOW - age, 0.61] as const],
    });
    const index = (age: number) => risk({ index: closed(age) as Readings["index"] }).volatility.index;
    assert.deepEqual([index(0), index(HOLD), index(HOLD + 1)], [0.61, 0.61, null]);
    assert.equal(risk({ index: { ...calm.index, closes: [] } }).volatility.index, null);
  });

  it("measures the feed against the price on either side, at most the limit of a fault", () => {
    const deviation = (feedUsd: number, priceUsd: number | null) =>
      risk({ feed: calmFeed(NOW, feedUsd), priceUsd }).oracleDeviation;
    near(deviation(3_060, 3_000), 0.02, 1e-12);
    near(deviation(2_940, 3_000), 0.02, 1e-12);
    assert.equal(deviation(9_000, 3_000), WETH.quality.maxPriceDisagreement);
    assert.equal(deviation(3_060, null), 0);
    assert.equal(risk({ feed: null, priceUsd: 3_000 }).oracleDeviation, 0);
  });
});

describe("measureRisk of a collateral whose volatility is transferred", () => {
  const bitcoin = calmBoard("BTC", NOW - 4, 90_000, 0.6);
  const own = calmHistory("X", NOW, 90_000, 0.5);
  const shared: Partial<Readings> = { transferOptions: bitcoin, confidence: 0.8 };

  it("scales its own realised volatility by what options charge over the underlying's", () => {
    const reference = calmHistory("Y", NOW, 90_000, 0.5);
    const wild = calmHistory("Y", NOW, 90_000, 0.58);
    const level = (transferHistory: Readings["history"]) =>
      risk({ ...shared, history: own, transferHistory }, NO_HISTORY, WBTC).volatility;
    const [alike, dearer] = [level(reference), level(wild)];
    assert.deepEqual([alike.level, dearer.level], ["L3", "L3"]);
    assert.ok(alike.pooled > dearer.pooled, "the wilder the underlying already was, the less its options add");
    assert.deepEqual(level(own), alike, "one history for both says the same");
  });

  it("stands on realised volatility alone where the underlying has no history", () => {
    const found = risk({ ...shared, history: own, transferHistory: null }, NO_HISTORY, WBTC);
    assert.equal(found.volatility.level, "L4");
    assert.equal(found.tail.riskNeutral, null);
    assert.equal(found.confidence, 0.8 * fitSurface(bitcoin, NOW, WBTC.quality).confidence);
  });

  it("names the faults of one shared history once, and of two histories each", () => {
    const still = { ...own, candles: own.candles.map(([t, , , , , v]) => [t, 9, 9, 9, 9, v] as const) };
    const other = { ...still, source: "deribit:Y:history" };
    const frozen = (history: Readings["history"], transferHistory: Readings["history"]) =>
      risk({ history, transferHistory }, NO_HISTORY, WBTC)
        .faults.filter(({ code }) => code === "FROZEN")
        .map(({ source }) => source);
    assert.deepEqual(frozen(still, still), [still.source]);
    assert.deepEqual(frozen(still, other), [still.source, other.source]);
    assert.deepEqual(frozen(null, other), [other.source]);
  });
});

describe("the doubts of a risk", () => {
  it("names a history without volume, and counts the supply cap for what is unknown", () => {
    const history = calmHistory("X", NOW, 3_000, 0.5, 40);
    const idle = { ...history, candles: history.candles.map(([t, o, h, l, c]) => [t, o, h, l, c, 0] as const) };
    const found = risk({ history: idle });
    assert.deepEqual(
      found.faults.filter(({ code }) => code === "EMPTY"),
      [fault("EMPTY", idle.source, "no volume in the last 30 days")],
    );
    assert.equal(found.dailyVolumeUsd, WETH.model.supplyCapUsd);
    const traded = risk({ history });
    assert.ok(traded.faults.every(({ code }) => code !== "EMPTY"));
    near(traded.dailyVolumeUsd / (20_000 * 24 * 3_000), 1, 0.5);
  });

  it("does not believe implied volatility that fell by more than a fifth, and holds the last one with its fault", () => {
    const remembered = (vol: number): MarketHistory => ({ ...NO_HISTORY, lastImplied: { time: NOW - 60, vol } });
    const after = (vol: number) => risk({ options: calm.options }, remembered(vol));
    const seen = after(0.5).volatility.implied ?? Number.NaN;
    const believed = after(seen / 0.8 - 1e-6);
    assert.deepEqual([believed.volatility.implied, believed.faults], [seen, []]);
    const doubted = after(seen / 0.8 + 1e-6);
    assert.equal(doubted.volatility.implied, null);
    assert.equal(doubted.tail.riskNeutral, null);
    assert.deepEqual(
      doubted.faults.map(({ code, source }) => [code, source]),
      [["JUMP", "deribit:ETH:options"]],
    );
    assert.notEqual(doubted.sources & SOURCE_BITS.heldVolatility, 0);
  });
});

describe("the rise of a price", () => {
  assert.ok(calm.history !== null && calm.feed !== null);
  const { history, feed } = calm;
  const last = history.candles.at(-1)?.[4] ?? Number.NaN;
  const rise = (change: Partial<Readings>) => {
    const { priceRise, faults } = risk({ history, ...change });
    return [priceRise, faults.filter(({ code }) => code === "RISEN").map(({ source }) => source)] as const;
  };

  it("is none while the price stays within what its past lets be believed, and named beyond", () => {
    const believedUsd = believedPrice(history, NOW, { atOnce: 0.25, perDay: 0.1 }) ?? Number.NaN;
    assert.ok(believedUsd > last);
    assert.deepEqual(rise({ priceUsd: believedUsd }), [undefined, []]);
    const priceUsd = 2 * believedUsd;
    assert.deepEqual(rise({ priceUsd }), [{ priceUsd, believedUsd }, ["price"]]);
  });

  it("counts the feed, which is what lenders lend against, also where the market contradicts it", () => {
    const wrong = { ...feed, priceUsd: 10 * last };
    assert.equal(rise({ priceUsd: last, feed: wrong })[0]?.priceUsd, 10 * last);
    assert.equal(rise({ priceUsd: last, setAside: { feed: wrong } })[0]?.priceUsd, 10 * last);
  });

  it("is judged by candles that the price has left behind; without any, and without a limit, it is not judged", () => {
    const priceUsd = 4 * last;
    assert.equal(rise({ priceUsd, history: null, setAside: { history } })[0]?.priceUsd, priceUsd);
    assert.equal(rise({ priceUsd, history: null })[0], undefined);
    const { priceRise: _, ...model } = WETH.model;
    const unlimited = risk({ history, priceUsd }, NO_HISTORY, { ...WETH, model });
    assert.equal(unlimited.priceRise, undefined);
  });
});

describe("the depth of a risk", () => {
  it("after a fall counts as the least of the last hour, and says what is seen now", () => {
    const route = [[calmPool(NOW, 3_000)]];
    const seen = risk({ route }).depth;
    assert.ok(seen.shockedUsd !== null && seen.shockedNowUsd === undefined);
    const less = seen.shockedUsd / 8;
    const at = (time: number, usd: number) => risk({ route }, { ...NO_HISTORY, shockedDepth: [[time, usd]] }).depth;
    const { shockedUsd, shockedNowUsd } = at(NOW - 120, less);
    assert.deepEqual([shockedUsd, shockedNowUsd], [less, seen.shockedUsd]);
    assert.equal(at(NOW - 3_600, less).shockedUsd, seen.shockedUsd);
    assert.equal(at(NOW + 1, less).shockedUsd, seen.shockedUsd);
    assert.equal(at(NOW - 120, 8 * seen.shockedUsd).shockedUsd, seen.shockedUsd);
  });

  it("grows with a pool's liquidity and takes no notice of volatility before the fall", () => {
    const at = (liquidity: bigint) => risk({ route: [[calmPool(NOW, 3_000, liquidity)]] }).depth;
    const [thin, thick] = [at(10n ** 18n), at(10n ** 19n)];
    near(thick.nowUsd / thin.nowUsd, 10, 1e-9);
    assert.ok(thin.shockedUsd !== null && thick.shockedUsd !== null);
    near(thick.shockedUsd / thin.shockedUsd, 10, 1e-9);
  });
});

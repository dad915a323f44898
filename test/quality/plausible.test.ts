import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Observation } from "../../keeper/domain/observation.ts";
import { implausibility } from "../../keeper/quality/acceptance.ts";
import { rateOf } from "../support/claims.ts";
import { cryptoPool, probed, threePool } from "../support/curve/curvePools.ts";
import { calmBoard, calmFeed, calmIndex, calmObserved, calmPool } from "../support/observations.ts";

const NOW = 1_770_000_000;
const board = calmBoard("ETH", NOW, 3_000, 0.5);
const index = (vol: number): Observation => ({ ...calmIndex("ETH", NOW, 0.5), closes: [[NOW, vol]] });
const history = (...closes: number[]): Observation => ({
  kind: "priceHistory",
  source: "deribit:ETH-PERPETUAL:history",
  instrument: "ETH-PERPETUAL",
  intervalSeconds: 3_600,
  eventTime: NOW,
  candles: closes.map((close, i) => [NOW + i, 8, 9, 7, close, 6]),
});
const said = (observation: Observation) => {
  const found = implausibility(observation);
  return found === null ? null : [found.code, found.source, found.detail];
};

describe("implausibility", () => {
  it("finds nothing in a calm world, and passes the smallest numbers that mean something", () => {
    for (const { observation } of calmObserved(NOW)) {
      assert.ok(observation !== null);
      assert.equal(implausibility(observation), null);
    }
    assert.equal(said({ ...calmFeed(NOW, 1e-9) }), null);
    assert.equal(said({ ...calmPool(NOW, 3_000), sqrtPriceX96: 1n }), null);
    assert.equal(said({ ...board, quotes: board.quotes.slice(0, 1) }), null);
  });

  it("refuses a board without a quote or without an index", () => {
    const source = "deribit:ETH:options";
    assert.deepEqual(said({ ...board, quotes: [] }), ["EMPTY", source, "a board without a quote"]);
    assert.deepEqual(said({ ...board, indexUsd: 0 }), ["NOT_POSITIVE", source, "index 0"]);
    assert.deepEqual(said({ ...board, indexUsd: Number.NaN }), ["NOT_FINITE", source, "index NaN"]);
  });

  it("holds a volatility index to a fraction in [0.05, 5], by its last close", () => {
    const source = "deribit:ETH:index";
    assert.deepEqual(
      [0.05, 0.6, 5].map((vol) => said(index(vol))),
      [null, null, null],
    );
    for (const vol of [0.049, 5.1, 62]) {
      const detail = `volatility ${vol}, expected a fraction in [0.05, 5]`;
      assert.deepEqual(said(index(vol)), ["UNIT_SUSPECT", source, detail]);
    }
    assert.deepEqual(said(index(-0.5)), ["NOT_POSITIVE", source, "index -0.5"]);
    assert.deepEqual(said(index(Number.POSITIVE_INFINITY)), ["NOT_FINITE", source, "index Infinity"]);
    assert.deepEqual(said({ ...calmIndex("ETH", NOW, 0.5), closes: [] }), ["EMPTY", source, "no close"]);
    const recovered = [[NOW, 62] as const, [NOW + 1, 0.6] as const];
    assert.equal(said({ ...calmIndex("ETH", NOW, 0.5), closes: recovered }), null);
  });

  it("judges a price history by its last close alone", () => {
    const source = "deribit:ETH-PERPETUAL:history";
    assert.equal(said(history(0, 3_000)), null);
    assert.deepEqual(said(history(3_000, 0)), ["NOT_POSITIVE", source, "last close 0"]);
    assert.deepEqual(said(history(Number.NaN)), ["NOT_FINITE", source, "last close NaN"]);
    assert.deepEqual(said(history()), ["EMPTY", source, "no candle"]);
  });

  it("refuses a feed or a pool without a price", () => {
    assert.deepEqual(said(calmFeed(NOW, 0)), ["NOT_POSITIVE", "priceFeed:WETH", "price 0"]);
    assert.deepEqual(said(calmFeed(NOW, -1)), ["NOT_POSITIVE", "priceFeed:WETH", "price -1"]);
    const detail = "the pool has no price";
    const pool = { ...calmPool(NOW, 3_000), sqrtPriceX96: 0n };
    assert.deepEqual(said(pool), ["NOT_POSITIVE", "uniswapV3:USDC/WETH-0.05%", detail]);
  });

  it("refuses a Curve pool that has run out of a coin", () => {
    assert.equal(said(probed(threePool([1, 1, 1]))), null);
    assert.equal(said(probed(cryptoPool(6e6, 2000))), null);
    assert.deepEqual(said(threePool([1, 0, 1])), ["NOT_POSITIVE", "curve:test", "the pool lacks a coin"]);
  });

  it("refuses a Curve pool that answers other numbers than its state gives, or that gave no answer", () => {
    const pool = probed(threePool([1e6, 1e6, 1e6]));
    const lying = { ...pool, probes: pool.probes.map((probe) => ({ ...probe, dy: probe.dy + 2n })) };
    assert.equal(said(lying)?.[0], "INCONSISTENT");
    assert.equal(said({ ...pool, probes: [] })?.[0], "EMPTY");
  });

  it("refuses a book that lacks a side, has no price, or is crossed", () => {
    const source = "okx:ETH-USDT:book";
    const book = (bid: number[], ask: number[]): Observation => ({
      kind: "orderBook",
      source,
      market: "ETH-USDT",
      eventTime: NOW,
      bids: bid.map((price) => [price, 1]),
      asks: ask.map((price) => [price, 1]),
    });
    assert.equal(said(book([2_999], [3_001])), null);
    const empty = ["EMPTY", source, "a book without a bid or an ask"];
    assert.deepEqual([said(book([], [1])), said(book([1], []))], [empty, empty]);
    assert.deepEqual(said(book([0], [1])), ["NOT_POSITIVE", source, "best bid 0"]);
    assert.deepEqual(said(book([1], [Number.NaN])), ["NOT_FINITE", source, "best ask NaN"]);
    for (const ask of [2_999, 2_998])
      assert.deepEqual(said(book([2_999], [ask])), ["CROSSED", source, "bid above ask"]);
  });

  it("refuses an exchange rate of nothing", () => {
    const rate = rateOf(NOW, 1.2);
    assert.equal(said(rate), null);
    assert.deepEqual(said({ ...rate, answer: 0n }), ["NOT_POSITIVE", rate.source, "exchange rate 0"]);
  });
});

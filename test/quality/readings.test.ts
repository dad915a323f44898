import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Observation, Observed } from "../../keeper/domain/observation.ts";
import type { MarketParameters } from "../../keeper/domain/parameters.ts";
import { SOURCE_BITS } from "../../keeper/domain/risk.ts";
import { crossCheck } from "../../keeper/quality/agreement.ts";
import { qualify } from "../../keeper/quality/qualify.ts";
import { calmBoard, calmFeed, calmHistory, calmObserved, calmPool, seen } from "../support/observations.ts";
import { WBTC, WETH } from "../support/shipped.ts";

const NOW = 1_770_000_000;
const [OPTIONS, INDEX, HISTORY, POOL, FEED] = calmObserved(NOW).map((one) => one.source) as [
  string,
  string,
  string,
  string,
  string,
];

const without = (...sources: readonly string[]) => calmObserved(NOW).filter((one) => !sources.includes(one.source));
const changed = (source: string, change: object): readonly Observed[] =>
  calmObserved(NOW).map((one) =>
    one.source === source ? { ...one, observation: { ...one.observation, ...change } as Observation } : one,
  );
const read = (observed: readonly Observed[], market: MarketParameters = WETH, now = NOW) =>
  qualify(observed, market, now);

describe("what stands behind readings", () => {
  it("has one bit for each source accepted, and none for one that is missing", () => {
    const bits: readonly (readonly [string, number])[] = [
      [OPTIONS, SOURCE_BITS.options],
      [INDEX, SOURCE_BITS.index],
      [HISTORY, SOURCE_BITS.history],
      [POOL, SOURCE_BITS.pools],
      [FEED, SOURCE_BITS.feed],
    ];
    const all = bits.reduce((sum, [, bit]) => sum + bit, 0);
    for (const [source, bit] of bits) assert.equal(read(without(source)).sources, all - bit, source);
    assert.equal(read([]).sources, 0);
  });

  it("counts a route only when every hop of it has a pool", () => {
    const market = { ...WETH, sources: { ...WETH.sources, route: [["USDC/WETH-0.05%"], ["absent"]] } };
    assert.equal(read(calmObserved(NOW), market).sources & SOURCE_BITS.pools, 0);
    assert.deepEqual(
      read(calmObserved(NOW), market).route.map((hop) => hop.length),
      [1, 0],
    );
  });

  it("says which source was not observed", () => {
    assert.deepEqual(read(without(FEED)).faults, [{ code: "UNREACHABLE", source: FEED, detail: "was not observed" }]);
  });

  it("takes what cannot be meant for missing, with its fault", () => {
    const readings = read(changed(FEED, { priceUsd: 0 }));
    assert.deepEqual(readings.faults, [{ code: "NOT_POSITIVE", source: FEED, detail: "price 0" }]);
    assert.deepEqual([readings.feed, readings.sources & SOURCE_BITS.feed], [null, 0]);
    assert.equal(readings.confidence, read(without(FEED)).confidence);
  });
});

describe("the confidence of readings", () => {
  const AGE = 1 - 4 / 60;

  it("falls by a share for each source that is missing or stands against the others", () => {
    assert.equal(read(calmObserved(NOW)).confidence, AGE);
    assert.equal(read(without(FEED)).confidence, (4 / 5) * AGE);
    assert.equal(read(without(FEED, INDEX)).confidence, (3 / 5) * AGE);
    assert.equal(read(changed(FEED, { priceUsd: 3_900 })).confidence, (4 / 5) * AGE);
  });

  it("falls to nothing within a minute of the board's age, and is nothing without a board", () => {
    const aged = (seconds: number) => read(changed(OPTIONS, { eventTime: NOW - seconds })).confidence;
    assert.deepEqual([0, 30, 45, 60].map(aged), [1, 0.5, 0.25, 0]);
    assert.equal(aged(-5), 1, "a board a little ahead of us is new, not newer than new");
    assert.equal(read(without(OPTIONS)).confidence, 0);
  });

  it("counts the strikes of the nearest expiry, whatever the order of the quotes", () => {
    const { quotes } = calmBoard("ETH", NOW - 4, 3_000, 0.5);
    const nearest = Math.min(...quotes.map((quote) => quote.expiry));
    const strikes = [...new Set(quotes.filter((one) => one.expiry === nearest).map((one) => one.strike))].slice(0, 6);
    const thin = quotes.filter((one) => one.expiry !== nearest || strikes.includes(one.strike));
    for (const order of [thin, thin.toReversed()]) {
      assert.equal(read(changed(OPTIONS, { quotes: order })).confidence, AGE * (6 / 8));
    }
  });
});

describe("the date of readings", () => {
  it("is that of the oldest of board and pools, in whole seconds, and never later than now", () => {
    assert.equal(read(changed(POOL, { eventTime: NOW - 90 })).asOf, NOW - 90);
    assert.equal(read(changed(OPTIONS, { eventTime: NOW - 30.4 })).asOf, NOW - 31);
    const ahead = calmObserved(NOW).map((one) => ({
      ...one,
      observation: { ...one.observation, eventTime: NOW + 3 } as Observation,
    }));
    assert.equal(read(ahead).asOf, NOW);
  });

  it("is that of feed and history where neither board nor pool was accepted", () => {
    assert.equal(read(without(OPTIONS, POOL, HISTORY)).asOf, NOW - 600);
    const history = calmObserved(NOW).find((one) => one.source === HISTORY)?.observation;
    assert.equal(read(without(OPTIONS, POOL, FEED)).asOf, history?.eventTime);
    assert.equal(read(without(OPTIONS, POOL)).asOf, Math.min(NOW - 600, history?.eventTime ?? 0));
    assert.equal(read(without(OPTIONS)).asOf, NOW - 2, "a pool alone is live");
  });
});

describe("readings of a collateral without options of its own", () => {
  const PRICE = 89_000;
  const wbtcPool = {
    ...calmPool(NOW - 2, 3_000),
    source: "uniswapV3:WBTC/WETH-0.3%",
    token0: { address: "0x2260FAC5E5542a773Aa44fBCfeDf7C193bc2C599", symbol: "WBTC", decimals: 8 },
    sqrtPriceX96: BigInt(Math.round(Math.sqrt((PRICE / 3_000) * 1e10) * 2 ** 48)) * 2n ** 48n,
  };
  const world: readonly Observed[] = [
    seen(calmBoard("BTC", NOW - 4, PRICE, 0.5)),
    seen({ ...calmHistory("BTC-PERPETUAL", NOW, PRICE, 0.5, 30) }),
    seen(wbtcPool),
    seen(calmPool(NOW - 2, 3_000)),
    seen(calmFeed(NOW - 600, PRICE, "WBTC")),
  ];

  it("carry the transferred board and the one history twice, read once", () => {
    const readings = read(world, WBTC);
    assert.equal(readings.options, null);
    assert.equal(readings.transferOptions?.source, "deribit:BTC:options");
    assert.ok(readings.history !== null);
    assert.equal(readings.transferHistory, readings.history);
    const { history, transfer, pools, feed } = SOURCE_BITS;
    assert.equal(readings.sources, history | transfer | pools | feed);
    assert.equal(readings.faults.filter((one) => one.source.endsWith(":history")).length, 0);
    assert.ok(Math.abs((readings.priceUsd ?? 0) / PRICE - 1) < 1e-6);
  });

  it("read a history of the underlying of its own where that is another", () => {
    const other = calmHistory("BTC-INDEX", NOW, PRICE, 0.4, 30);
    const market = { ...WBTC, sources: { ...WBTC.sources, transferHistory: "BTC-INDEX" } };
    const readings = read([...world, seen(other)], market);
    assert.equal(readings.transferHistory, other);
    assert.equal(readings.history?.instrument, "BTC-PERPETUAL");
    assert.equal(read(world, market).transferHistory, null);
  });

  it("carry no history of an underlying where nothing is transferred", () => {
    assert.equal(read(calmObserved(NOW)).transferHistory, null);
  });
});

describe("crossCheck", () => {
  const found = {
    options: calmBoard("ETH", NOW, 3_000, 0.5),
    transferOptions: null,
    history: calmHistory("ETH-PERPETUAL", NOW, 3_000, 0.5, 2),
    route: [[calmPool(NOW, 3_000)]],
    feed: calmFeed(NOW, 3_000),
  };
  const last = (close: number) => ({
    ...found.history,
    candles: [[NOW - 3_600, close, close, close, close, 1] as const],
  });

  it("names route, feed and board alike when one stands against the others", () => {
    const names = (change: Partial<typeof found>) =>
      crossCheck({ ...found, ...change }, WETH).faults.map((one) => one.source);
    assert.deepEqual(names({}), []);
    assert.deepEqual(names({ route: [[calmPool(NOW, 3_300)]] }), ["route"]);
    assert.deepEqual(names({ feed: calmFeed(NOW, 2_700) }), [FEED]);
    assert.deepEqual(names({ options: { ...found.options, indexUsd: 3_300 } }), [OPTIONS]);
  });

  it("holds the last close to five times the limit, on either side, and says both prices", () => {
    const judge = (close: number) => crossCheck({ ...found, history: last(close) }, WETH);
    for (const close of [2_251, 3_749]) assert.deepEqual(judge(close).faults, []);
    for (const close of [2_240, 3_760]) {
      const { faults, history, priceUsd } = judge(close);
      const detail = `last close ${close}.00 USD against 3000.00 of the market, limit 25 %`;
      assert.deepEqual(faults, [{ code: "DISAGREES", source: HISTORY, detail }]);
      assert.deepEqual([history, Math.round(priceUsd ?? 0)], [null, 3_000]);
    }
  });

  it("falls back to the last close where no other price is there, and to none without it", () => {
    const nothing = { options: null, transferOptions: null, route: [[]], feed: null };
    assert.equal(crossCheck({ ...nothing, history: last(2_900) }, WETH).priceUsd, 2_900);
    assert.equal(crossCheck({ ...nothing, history: null }, WETH).priceUsd, null);
  });

  it("says that pools do not join up only of a route that is complete", () => {
    const evil = { ...calmPool(NOW, 3_000), token1: { ...calmPool(NOW, 3_000).token1, symbol: "EVIL" } };
    assert.deepEqual(crossCheck({ ...found, route: [[evil]] }, WETH).faults, [
      { code: "INCONSISTENT", source: "route", detail: "the pools do not join up to a price" },
    ]);
    for (const route of [[], [[]], [[evil], []]]) assert.deepEqual(crossCheck({ ...found, route }, WETH).faults, []);
  });

  it("adds the index of a claim's asset only where both have one history and no options are listed", () => {
    const transferOptions = calmBoard("BTC", NOW, 4_000, 0.5);
    const named = (market: MarketParameters, options: typeof found.options | null) =>
      crossCheck({ ...found, options, transferOptions }, market).faults.map((one) => one.source);
    const claim = { ...WETH, sources: { ...WETH.sources, transferHistory: WETH.sources.history } };
    assert.deepEqual(named(claim, null), ["deribit:BTC:options"]);
    assert.deepEqual(named(claim, found.options), []);
    assert.deepEqual(named(WETH, null), []);
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Observation } from "../../keeper/domain/observation.ts";
import { implausibility } from "../../keeper/quality/acceptance.ts";
import { qualify } from "../../keeper/quality/qualify.ts";
import { type CalmMarketWorld, calmMarkets } from "../support/markets.ts";
import { calmFeed, calmHistory, calmIndex, calmPool } from "../support/observations.ts";

const NOW = 1_770_000_000;
const [weth, wbtc] = calmMarkets(NOW) as readonly [CalmMarketWorld, CalmMarketWorld];

/** Readings with observations of one kind changed; null takes them away. */
function readings<K extends Observation["kind"]>(
  { market, observed }: CalmMarketWorld,
  kind: K,
  change: (one: Extract<Observation, { kind: K }>) => Observation | null,
) {
  const changed = observed.map((one) =>
    one.observation?.kind === kind ? { ...one, observation: change(one.observation as never) } : one,
  );
  return qualify(changed, market, NOW);
}

const codes = ({ faults }: { readonly faults: readonly { source: string; code: string }[] }) =>
  faults.map(({ source, code }) => `${source} ${code}`);

describe("crossCheck", () => {
  it("sets a feed aside when a majority contradicts it, so that its deviation moves no haircut", () => {
    const off = readings(weth, "priceFeed", (feed) => ({ ...feed, priceUsd: feed.priceUsd * 1.3 }));
    assert.deepEqual([off.feed, codes(off)], [null, ["priceFeed:WETH DISAGREES"]]);
  });

  it("keeps a feed that differs within the limit", () => {
    const near = readings(weth, "priceFeed", (feed) => ({ ...feed, priceUsd: feed.priceUsd * 1.04 }));
    assert.deepEqual([near.feed?.priceUsd, codes(near)], [3_120, []]);
  });

  it("asks the last close when only two prices are there and they differ", () => {
    const observed = weth.observed.filter((one) => one.observation?.kind !== "optionBoard");
    const off = readings({ ...weth, observed }, "priceFeed", (feed) => ({ ...feed, priceUsd: 2_100 }));
    assert.equal(off.feed, null);
    assert.equal(Math.round(off.priceUsd ?? 0), 3_000);
    assert.ok(off.history !== null);
  });

  it("holds the index of the asset that a wrapped coin is a claim on against its price", () => {
    const off = readings(wbtc, "optionBoard", (board) => ({ ...board, indexUsd: board.indexUsd * 1.2 }));
    assert.deepEqual(codes(off), ["deribit:BTC:options DISAGREES"]);
  });

  it("refuses a history of another asset or unit, and not one that lags a fast market", () => {
    const cents = readings(weth, "priceHistory", () => calmHistory("ETH-PERPETUAL", NOW, 300_000, 0.5));
    assert.deepEqual([cents.history, codes(cents)], [null, ["deribit:ETH-PERPETUAL:history DISAGREES"]]);
    const lagging = readings(weth, "priceHistory", () => calmHistory("ETH-PERPETUAL", NOW, 3_600, 0.5));
    assert.ok(lagging.history !== null);
  });

  it("says so when the pools of a route do not join up", () => {
    const evil = readings(weth, "pool", (pool) => ({ ...pool, token1: { ...pool.token1, symbol: "EVIL" } }));
    assert.deepEqual(codes(evil), ["route INCONSISTENT"]);
  });

  it("uses a late history for two days, as a fault, and then no more", () => {
    const late = (seconds: number) =>
      readings(weth, "priceHistory", (history) => ({ ...history, eventTime: NOW - seconds }));
    assert.ok(late(7_200 + 172_800).history !== null);
    assert.deepEqual(codes(late(7_201)), ["deribit:ETH-PERPETUAL:history STALE"]);
    assert.ok(late(7_200 + 172_801).history === null);
  });
});

describe("implausibility", () => {
  it("passes calm observations", () => {
    for (const { observed } of [weth, wbtc]) {
      for (const { observation } of observed) assert.equal(observation && implausibility(observation), null);
    }
  });

  it("names what cannot be meant", () => {
    const index = calmIndex("ETH", NOW, 0.5);
    const cases: readonly (readonly [Observation, string])[] = [
      [calmFeed(NOW, 0), "NOT_POSITIVE"],
      [calmFeed(NOW, Number.NaN), "NOT_FINITE"],
      [{ ...calmPool(NOW, 3_000), sqrtPriceX96: 0n }, "NOT_POSITIVE"],
      [{ ...index, closes: [] }, "EMPTY"],
      [{ ...index, closes: [[NOW, 55]] }, "UNIT_SUSPECT"],
      [{ ...calmHistory("X", NOW, 3_000, 0.5, 1), candles: [] }, "EMPTY"],
    ];
    for (const [observation, code] of cases) assert.equal(implausibility(observation)?.code, code);
  });
});

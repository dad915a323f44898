import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Observation, Observed } from "../../keeper/domain/observation.ts";
import { SOURCE_BITS } from "../../keeper/domain/risk.ts";
import { confidence } from "../../keeper/quality/acceptance.ts";
import { agree } from "../../keeper/quality/agreement.ts";
import { qualify } from "../../keeper/quality/qualify.ts";
import { calmObserved } from "../support/observations.ts";
import { WETH } from "../support/shipped.ts";

const NOW = 1_770_000_000;

/** The calm world with the observation of `source` changed, or removed when `change` returns null. */
function withSource(source: string, change: (one: Observed) => Observed | null): readonly Observed[] {
  return calmObserved(NOW).flatMap((one) => (one.source === source ? (change(one) ?? []) : one));
}

/** The observation shifted in time. */
function aged(seconds: number) {
  return (one: Observed): Observed => ({
    ...one,
    observation: { ...(one.observation as Observation), eventTime: NOW - seconds },
  });
}

const faultsOf = (observed: readonly Observed[]) =>
  qualify(observed, WETH, NOW).faults.map((one) => `${one.source} ${one.code}`);

describe("qualify", () => {
  it("accepts a calm world whole: price, every source, the confidence of the formula", () => {
    const readings = qualify(calmObserved(NOW), WETH, NOW);
    assert.deepEqual(readings.faults, []);
    assert.ok(Math.abs((readings.priceUsd ?? 0) / 3_000 - 1) < 1e-6);
    assert.equal(readings.sources, 1 + 2 + 4 + 16 + 32);
    assert.equal(readings.confidence, 1 - 4 / 60);
  });

  it("dates the readings by the oldest live datum, not by the estimation window or the feed's own clock", () => {
    assert.equal(qualify(calmObserved(NOW), WETH, NOW).asOf, NOW - 4);
  });

  it("does not depend on the order of the observations", () => {
    assert.deepEqual(qualify([...calmObserved(NOW)].reverse(), WETH, NOW), qualify(calmObserved(NOW), WETH, NOW));
  });

  it("refuses a board older than its limit by the venue's clock", () => {
    const observed = withSource("deribit:ETH:options", aged(61));
    const readings = qualify(observed, WETH, NOW);
    assert.equal(readings.options, null);
    assert.equal(readings.sources & SOURCE_BITS.options, 0);
    assert.ok(readings.confidence < WETH.policy.minLooseningConfidence);
    assert.deepEqual(faultsOf(observed), ["deribit:ETH:options STALE"]);
  });

  it("refuses a board from the future", () => {
    assert.deepEqual(faultsOf(withSource("deribit:ETH:options", aged(-6))), ["deribit:ETH:options FUTURE"]);
    assert.deepEqual(faultsOf(withSource("deribit:ETH:options", aged(-5))), []);
  });

  it("refuses an event time that is not a number", () => {
    assert.deepEqual(faultsOf(withSource("uniswapV3:USDC/WETH-0.05%", aged(Number.NaN))), [
      "uniswapV3:USDC/WETH-0.05% NOT_FINITE",
    ]);
  });

  it("says so when a configured source was never asked", () => {
    assert.deepEqual(faultsOf(withSource("priceFeed:WETH", () => null)), ["priceFeed:WETH UNREACHABLE"]);
  });

  it("leaves a hop empty when its pool was refused", () => {
    const readings = qualify(withSource("uniswapV3:USDC/WETH-0.05%", aged(1_000)), WETH, NOW);
    assert.deepEqual(readings.route, [[]]);
    assert.equal(readings.sources & SOURCE_BITS.pools, 0);
  });

  it("has no price when nothing was accepted, and says how old its knowledge is", () => {
    const readings = qualify([], WETH, NOW);
    assert.equal(readings.priceUsd, null);
    assert.equal(readings.confidence, 0);
    assert.equal(readings.faults.length, 5);
  });

  it("names a feed that disagrees with the market and keeps the market's price", () => {
    const observed = withSource("priceFeed:WETH", (one) => ({
      ...one,
      observation: { ...(one.observation as Observation), priceUsd: 3_900 } as Observation,
    }));
    const readings = qualify(observed, WETH, NOW);
    assert.deepEqual(faultsOf(observed), ["priceFeed:WETH DISAGREES"]);
    assert.ok(Math.abs((readings.priceUsd ?? 0) - 3_000) < 1);
  });
});

describe("confidence", () => {
  it("gives the documented examples", () => {
    assert.equal(confidence(3, 3, 4, 15).toFixed(2), "0.93");
    assert.equal(confidence(2, 3, 20, 5).toFixed(2), "0.28");
  });

  it("is zero when any factor is, and never above one", () => {
    assert.equal(confidence(0, 3, 0, 8), 0);
    assert.equal(confidence(3, 3, 60, 8), 0);
    assert.equal(confidence(3, 0, 0, 8), 0);
    assert.equal(confidence(9, 3, -50, 900), 1);
  });
});

describe("agree", () => {
  it("takes the median and names the outlier", () => {
    const points = [100, 101, 130].map((price, i) => ({ source: "abc"[i] as string, price }));
    const { price, faults } = agree(points, 0.05);
    assert.equal(price, 101);
    assert.deepEqual(
      faults.map((one) => [one.source, one.code]),
      [["c", "DISAGREES"]],
    );
  });

  it("takes the lower price when two sources disagree", () => {
    const { price, faults } = agree(
      [
        { source: "a", price: 100 },
        { source: "b", price: 120 },
      ],
      0.05,
    );
    assert.equal(price, 100);
    assert.equal(faults.length, 1);
  });

  it("drops prices that are none", () => {
    const { price, faults } = agree(
      [
        { source: "a", price: Number.NaN },
        { source: "b", price: 0 },
        { source: "c", price: 9 },
      ],
      0.05,
    );
    assert.equal(price, 9);
    assert.deepEqual(
      faults.map((one) => one.code),
      ["NOT_POSITIVE", "NOT_POSITIVE"],
    );
    assert.equal(agree([], 0.05).price, null);
  });
});

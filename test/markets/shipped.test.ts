import assert from "node:assert/strict";
import { basename } from "node:path";
import { describe, it } from "node:test";
import { TonsorError } from "../../keeper/domain/errors.ts";
import { DEFAULT_MODEL, DEFAULT_POLICY, DEFAULT_QUALITY } from "../../keeper/markets/defaults.ts";
import { RISK_CLASSES } from "../../keeper/markets/limits.ts";
import { marketNamed, readMarkets } from "../../keeper/markets/marketFiles.ts";
import { developmentPlan } from "../../scripts/deploy/plan.ts";
import { FEED_SAYS, SHIPPED, WBTC, WETH } from "../support/shipped.ts";

const HOUR = 3_600;

const all = SHIPPED.map(({ parameters }) => parameters);

describe("the shipped markets", () => {
  it("are ether and wrapped bitcoin, the larger cap first, each named as its file", () => {
    const { names, problems } = readMarkets(null);
    assert.deepEqual([names, problems], [["WETH", "WBTC"], []]);
    for (const { file, parameters } of SHIPPED) assert.equal(basename(file), `${parameters.name}.jsonc`);
  });

  it("name what their price feeds say of themselves", () => {
    assert.deepEqual(
      [...FEED_SAYS],
      [
        ["WETH", "ETH / USD"],
        ["WBTC", "BTC / USD"],
      ],
    );
  });

  it("are found in upper or lower case", () => {
    assert.equal(marketNamed(SHIPPED, "WBTC").parameters, WBTC);
    assert.equal(marketNamed(SHIPPED, "weth").parameters, WETH);
  });

  it("are named where another is asked for", () => {
    assert.throws(
      () => marketNamed(SHIPPED, "doge"),
      (error) => {
        assert.ok(error instanceof TonsorError);
        assert.equal(error.code, "UNKNOWN_MARKET");
        assert.equal(error.message, 'no market is named doge; field market; given "doge"; expected one of WETH, WBTC');
        return true;
      },
    );
  });
});

describe("the governance numbers of the markets", () => {
  it("are MODEL.md's and KEEPER.md's defaults where no market says otherwise", () => {
    const { tailLevel, degreesOfFreedom, impliedWeight, ladderMultipliers } = DEFAULT_MODEL;
    assert.deepEqual([tailLevel, degreesOfFreedom, impliedWeight], [0.99, 4, 0.5]);
    assert.deepEqual(ladderMultipliers, [1, 1.05, 1.15, 1.2, 1.35, 1]);
    assert.deepEqual(
      [DEFAULT_MODEL.stressVolatility, DEFAULT_MODEL.liquidationWindowHours, DEFAULT_MODEL.depthShare],
      [1.5, 4, 0.3],
    );
    assert.deepEqual(DEFAULT_QUALITY.maxAgeSeconds.options, 60);
    assert.equal(DEFAULT_POLICY.deadBandBps, 50);
    assert.equal(DEFAULT_POLICY.breakerRiseBpsPerDay, 500);
    assert.equal(DEFAULT_POLICY.breakerRestSeconds, 72 * HOUR);
    for (const { policy, quality } of all) {
      assert.deepEqual(policy, DEFAULT_POLICY);
      assert.deepEqual(quality, DEFAULT_QUALITY);
    }
  });

  it("let three renewals fail before the chain's own staleness begins to tighten", () => {
    for (const { parameters, listing } of SHIPPED) {
      const { ttlHours } = RISK_CLASSES[listing.riskClass].limits;
      assert.ok(4 * DEFAULT_POLICY.heartbeatSeconds <= ttlHours * HOUR, `${parameters.name}: ${ttlHours}`);
    }
  });

  it("date a renewal well inside the age that the contract takes", () => {
    const { maxAgeSeconds, maxFutureSeconds } = DEFAULT_QUALITY;
    for (const { limits } of developmentPlan(SHIPPED).classes) {
      assert.ok(Math.max(maxAgeSeconds.options, maxAgeSeconds.pool) < limits.maxAgeMinutes * 60);
    }
    assert.ok(maxFutureSeconds < maxAgeSeconds.options);
  });

  it("hold a missing source for no longer than the history that would replace it may be old", () => {
    assert.equal(DEFAULT_QUALITY.holdSeconds, 2 * HOUR);
    assert.ok(DEFAULT_QUALITY.holdSeconds <= DEFAULT_QUALITY.maxAgeSeconds.history);
    // An hourly candle closes an hour after it opened: one missed look at most.
    assert.ok(DEFAULT_QUALITY.maxAgeSeconds.history >= HOUR);
    assert.ok(DEFAULT_QUALITY.maxAgeSeconds.feed > HOUR, "the feed's own heartbeat");
    assert.ok(DEFAULT_QUALITY.maxAgeSeconds.index > 24 * HOUR, "a daily close");
  });

  it("size every market alike: the largest borrower 5 % of the cap, 1, 5, 11 and 35 % due at 10, 20, 30 and 50 %", () => {
    for (const { name, model } of [...all, { name: "default", model: DEFAULT_MODEL }]) {
      const share = (usd: number) => Number((usd / model.supplyCapUsd).toFixed(6));
      assert.equal(share(model.largestBorrowerUsd), 0.05, name);
      const due = [
        [0.1, 0.01],
        [0.2, 0.05],
        [0.3, name === "default" ? 0.1125 : 0.11],
        [0.5, 0.35],
      ];
      assert.deepEqual(
        model.liquidationProfile.map(([fall, usd]) => [fall, share(usd)]),
        due,
        name,
      );
    }
  });

  it("charge wrapped bitcoin a point for its issuer on top of ether's quarter", () => {
    assert.equal(WETH.model.idiosyncratic, 0.0025);
    assert.equal((WBTC.model.idiosyncratic - WETH.model.idiosyncratic).toFixed(4), "0.0100");
  });

  it("price ether by its own options and wrapped bitcoin by bitcoin's, over pools that the deployment knows", () => {
    assert.deepEqual([WETH.sources.options, WETH.sources.transferFrom], ["ETH", null]);
    assert.deepEqual([WBTC.sources.options, WBTC.sources.transferFrom], [null, "BTC"]);
    assert.deepEqual([WETH.collateral.decimals, WBTC.collateral.decimals], [18, 8]);
    for (const { name, sources, collateral } of all) {
      assert.match(sources.history, /-PERPETUAL$/, name);
      assert.ok(
        sources.route[0]?.every((pool) => pool.includes(collateral.symbol)),
        name,
      );
      assert.ok(
        sources.route.at(-1)?.every((pool) => pool.includes("USDC")),
        name,
      );
      assert.equal(sources.priceFeed, name);
    }
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fault } from "../../keeper/domain/fault.ts";
import type { Observed, PoolState } from "../../keeper/domain/observation.ts";
import { haveAllAnswered, wiringProblems } from "../../keeper/sources/wiring.ts";
import { sqrtPriceX96At } from "../../scripts/lab/replica/sqrtPrice.ts";
import { claimObserved, WSTETH } from "../support/claims.ts";
import { calmFeed, calmPool, seen } from "../support/observations.ts";
import { FEED_SAYS, WBTC, WETH } from "../support/shipped.ts";

const NOW = 1_700_000_000;
const ETH = 3_000;
const BTC = 90_000;

const dollarPool = calmPool(NOW, ETH);
const bitcoinPool: PoolState = {
  ...dollarPool,
  source: "uniswapV3:WBTC/WETH-0.3%",
  token0: { address: "0x2260FAC5E5542a773Aa44fBCfeDf7C193bc2C599", symbol: "WBTC", decimals: 8 },
  token1: dollarPool.token1,
  sqrtPriceX96: sqrtPriceX96At({ usd: BTC, decimals: 8 }, { usd: ETH, decimals: 18 }),
};

type World = { ethFeed: Observed; btcFeed: Observed; dollar: Observed; bitcoin: Observed };
const calm = (): World => ({
  ethFeed: seen(calmFeed(NOW, ETH)),
  btcFeed: seen(calmFeed(NOW, BTC, "WBTC")),
  dollar: seen(dollarPool),
  bitcoin: seen(bitcoinPool),
});
const found = (change: Partial<World> = {}, markets = [WETH, WBTC]) => {
  const { ethFeed, btcFeed, dollar, bitcoin } = { ...calm(), ...change };
  const observed = new Map([
    ["WETH", [ethFeed, dollar]],
    ["WBTC", [btcFeed, dollar, bitcoin]],
  ]);
  return wiringProblems(markets, observed, FEED_SAYS);
};
const refused = (source: string, code: "SCHEMA" | "INCONSISTENT" | "UNREACHABLE", detail: string): Observed => ({
  source,
  observation: null,
  faults: [fault(code, source, detail)],
});

describe("wiringProblems", () => {
  it("finds nothing where everything is what it is called", () => {
    assert.deepEqual(found(), []);
  });

  it("names a feed that says it is another one, and what it should say", () => {
    const detail = 'the feed says it is "BTC / USD", expected "ETH / USD"';
    assert.deepEqual(found({ ethFeed: refused("priceFeed:WETH", "INCONSISTENT", detail) }), [
      { path: "sources.feeds.WETH", given: detail, expected: 'the feed "ETH / USD"' },
    ]);
  });

  it("names a contract that answers no exchange rate", () => {
    const detail = "stEthPerToken answered 0 bytes of another shape: no such contract there";
    const rate = refused("exchangeRate:wstETH:stEthPerToken", "SCHEMA", detail);
    const observed = claimObserved(NOW, WSTETH, { rate: null });
    assert.deepEqual(wiringProblems([WSTETH], new Map([[WSTETH.name, observed]]), FEED_SAYS), []);
    assert.deepEqual(wiringProblems([WSTETH], new Map([[WSTETH.name, [...observed, rate]]]), FEED_SAYS), [
      { path: "sources.rates.wstETH", given: detail, expected: "a contract that answers stEthPerToken" },
    ]);
  });

  it("names both of two feeds that answer each other's price, whatever they say of themselves", () => {
    const change = { ethFeed: seen(calmFeed(NOW, BTC * 1.01)), btcFeed: seen(calmFeed(NOW, ETH * 0.99, "WBTC")) };
    assert.deepEqual(
      found(change).map(({ path, given }) => [path, given]),
      [
        ["sources.feeds.WETH", "90900.0, the price of WBTC"],
        ["sources.feeds.WBTC", "2970.00, the price of WETH"],
      ],
    );
  });

  it("names a feed whose base and quote are exchanged", () => {
    const [problem, ...rest] = found({ ethFeed: seen(calmFeed(NOW, 1 / ETH)) });
    assert.match(problem?.given ?? "", /^0\.000333333, the price with base and quote exchanged$/);
    assert.match(problem?.expected ?? "", /^about 3000\.00 USD, the price of WETH in its pools$/);
    assert.deepEqual(rest, []);
  });

  it("leaves a price that is merely far off to the checks of the data: a crash or an attack must not stop a start", () => {
    for (const factor of [0.3, 0.6, 1.9, 5]) {
      assert.deepEqual(found({ ethFeed: seen(calmFeed(NOW, ETH * factor)) }), [], String(factor));
    }
  });

  it("names pools that hold other coins than their names say, each once", () => {
    const change = {
      dollar: seen({ ...bitcoinPool, source: dollarPool.source }),
      bitcoin: seen({ ...dollarPool, source: bitcoinPool.source }),
    };
    const paths = found(change).map(({ path, given }) => `${path}: ${given}`);
    assert.ok(paths.includes("sources.pools.USDC/WETH-0.05%: a pool of WBTC and WETH"), paths.join("\n"));
    assert.ok(paths.includes("sources.pools.WBTC/WETH-0.3%: a pool of USDC and WETH"));
    assert.equal(new Set(paths).size, paths.length);
  });

  it("names an address at which there is no pool, and none that did not answer", () => {
    const none = refused("uniswapV3:WBTC/WETH-0.3%", "SCHEMA", "no pool at 0x12");
    assert.deepEqual(found({ bitcoin: none }), [
      { path: "sources.pools.WBTC/WETH-0.3%", given: "no pool at 0x12", expected: "the pool WBTC/WETH-0.3%" },
    ]);
    assert.deepEqual(found({ bitcoin: refused("uniswapV3:WBTC/WETH-0.3%", "UNREACHABLE", "timeout") }), []);
  });
});

describe("haveAllAnswered", () => {
  const { ethFeed, dollar } = calm();
  it("asks for the feed and every pool", () => {
    assert.equal(haveAllAnswered(WETH, [ethFeed, dollar]), true);
    assert.equal(haveAllAnswered(WETH, [ethFeed]), false);
    assert.equal(haveAllAnswered(WETH, [refused("priceFeed:WETH", "UNREACHABLE", "x"), dollar]), false);
  });
});

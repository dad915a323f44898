import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { RoutePool } from "../../../keeper/domain/observation.ts";
import { curveOut } from "../../../keeper/model/depth/curveOut.ts";
import { routePrice, routeSides, stressedMarketDepth } from "../../../keeper/model/depth/route.ts";
import { cryptoPool, probed, stakedPool, threePool, units } from "../../support/curve/curvePools.ts";
import { calmPool } from "../../support/observations.ts";

const staked = probed(stakedPool(60_000, 60_000));
const dollars = calmPool(0, 3_000);
const sides = (route: readonly (readonly RoutePool[])[], symbol: string) =>
  routeSides(route, symbol)?.map((hop) => hop.map(({ sold, bought }) => [sold, bought]));

describe("a route through pools of different kinds", () => {
  it("goes from staked ether through ether, which is what a wrapped-ether pool takes", () => {
    assert.deepEqual(sides([[staked], [dollars]], "stETH"), [[[0, 1]], [[1, 0]]]);
    assert.deepEqual(sides([[probed(cryptoPool(6e6, 2_000))]], "ETH"), [[[1, 0]]]);
  });

  it("buys of several coins the first that the next hop takes, and the first at its end", () => {
    const three = probed(threePool([5e7, 5e7, 5e7]));
    assert.deepEqual(sides([[three]], "USDT"), [[[2, 0]]]);
    const usdtOnly = { ...dollars, token0: { ...dollars.token0, symbol: "USDT" } };
    assert.deepEqual(sides([[three], [usdtOnly]], "DAI"), [[[0, 2]], [[0, 1]]]);
  });

  it("is none where a pool does not hold what arrives, or the pools of a hop buy nothing in common", () => {
    assert.equal(sides([[staked], [dollars]], "wstETH"), undefined);
    assert.equal(sides([[dollars], [staked]], "WETH"), undefined);
    assert.equal(sides([[staked, dollars]], "ETH"), undefined);
  });

  it("has the price of its hops: 0.999 ether a staked one at 3000 dollars", () => {
    const even = routePrice([[staked], [dollars]], "stETH") ?? 0;
    assert.ok(Math.abs(even / 3_000 - 1) < 1e-6, String(even));
    const heavy = probed(stakedPool(90_000, 30_000));
    const below = routePrice([[heavy], [dollars]], "stETH") ?? 0;
    assert.ok(below < even * 0.9999 && below > even * 0.98, String(below));
  });

  it("takes what the pools themselves pay for", () => {
    const route = [[staked], [probed(cryptoPool(60_000_000, 20_000))]];
    const maxSlippage = 0.04;
    const stressed = stressedMarketDepth(route, "stETH", maxSlippage, 0.1);
    assert.ok(stressed !== null);
    const capacity = stressed.nowUsd / stressed.priceQuote;
    const ether = curveOut(staked, 0, 1, units(capacity, 18)) ?? 0n;
    const second = route[1]?.[0] ?? assert.fail();
    assert.ok(second.kind === "cryptoSwapPool");
    const dollarsOut = Number(curveOut(second, 1, 0, ether) ?? 0n) / 1e6;
    const slippage = 1 - dollarsOut / stressed.nowUsd;
    assert.ok(Math.abs(slippage - maxSlippage) < 2e-4, `the pools pay at a slippage of ${slippage}`);
    assert.ok(stressed.shockedUsd < stressed.nowUsd, JSON.stringify(stressed));
  });

  it("is no depth when a pool contradicts its own answers", () => {
    const lying = { ...staked, probes: staked.probes.map((probe) => ({ ...probe, dy: (probe.dy * 11n) / 10n })) };
    assert.equal(stressedMarketDepth([[lying], [dollars]], "stETH", 0.04, 0.1), null);
    assert.equal(routePrice([[lying], [dollars]], "stETH"), null);
  });
});

import assert from "node:assert/strict";
import test from "node:test";
import { marketDepth } from "../../../keeper/model/depth/depthReport.ts";
import { v3SellCurve } from "../../../keeper/model/depth/v3SellCurve.ts";
import { fullRangePool, token } from "../../support/pools.ts";

const WBTC = token("WBTC", 8);
const WETH = token("WETH", 18);
const USDC = token("USDC", 6);

/** Full-range pool of two tokens at a price of whole tokens. */
const at = (
  address: string,
  token0: typeof WBTC,
  token1: typeof WBTC,
  price: number,
  liquidity: bigint,
  feePips = 500,
) => {
  const sqrtPriceX96 = BigInt(Math.round(Math.sqrt(price * 10 ** (token1.decimals - token0.decimals)) * 2 ** 96));
  return fullRangePool({ address, token0, token1, feePips, tickSpacing: 10, sqrtPriceX96 }, liquidity);
};
const btcEth = at("0xb1", WBTC, WETH, 30, 10n ** 18n, 3000);
const usdcEth = at("0xe1", USDC, WETH, 1 / 3000, 10n ** 18n);
const usdcEth2 = at("0xe2", USDC, WETH, 1 / 3003, 10n ** 17n, 3000);

test("one hop: depth of the pool in the direction in which the collateral is sold, by symbol or by address", () => {
  for (const name of ["WETH", "weth", WETH.address, WETH.address.toUpperCase()]) {
    const depth = marketDepth([[usdcEth]], name, 0.05);
    assert.ok(depth !== null && Math.abs(depth.priceQuote / 3000 - 1) < 1e-9);
    assert.equal(depth.capacityBase, v3SellCurve(usdcEth, false).capacity(0.05));
    assert.equal(depth.capacityUsd, depth.capacityBase * depth.priceQuote);
  }
});

test("two hops and two pools in the second: WBTC to WETH to USDC", () => {
  const one = marketDepth([[btcEth], [usdcEth]], "WBTC", 0.05);
  const both = marketDepth([[btcEth], [usdcEth, usdcEth2]], "WBTC", 0.05);
  assert.ok(one !== null && both !== null);
  assert.ok(Math.abs(one.priceQuote / 90_000 - 1) < 1e-9);
  assert.ok(both.capacityUsd > one.capacityUsd);
  const alone = v3SellCurve(btcEth, true).capacity(0.05);
  assert.ok(both.capacityBase < alone, "a second hop can only take away");
  assert.deepEqual([...both.curve.ids].toSorted(), ["0xb1", "0xe1", "0xe2"]);
});

test("the same pool named twice is counted once", () => {
  const once = marketDepth([[usdcEth]], "WETH", 0.05);
  const twice = marketDepth([[usdcEth, usdcEth]], "WETH", 0.05);
  assert.equal(twice?.capacityBase, once?.capacityBase);
});

test("a hop without a pool or without a price is no depth, not a wrong one", () => {
  assert.equal(marketDepth([], "WETH", 0.05), null);
  assert.equal(marketDepth([[btcEth], []], "WBTC", 0.05), null);
  assert.equal(marketDepth([[{ ...usdcEth, sqrtPriceX96: 0n }]], "WETH", 0.05), null);
});

test("a pool that does not belong into its hop is refused with the tokens each trades", () => {
  assert.throws(() => marketDepth([[usdcEth]], "LINK", 0.05), { code: "BAD_ARGUMENT", message: /LINK.*USDC.*WETH/ });
  assert.throws(() => marketDepth([[usdcEth, btcEth]], "WETH", 0.05), {
    code: "BAD_ARGUMENT",
    message: /USDC\/WETH.*WBTC\/WETH/,
  });
});

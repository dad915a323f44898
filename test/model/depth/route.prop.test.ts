import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { stressedMarketDepth } from "../../../keeper/model/depth/route.ts";
import { v3SellCurve } from "../../../keeper/model/depth/uniswapV3Curve.ts";
import { arbitraryPool, fullRangePool, poolOfPositions, token } from "../../support/pools.ts";

const A = token("A");
const B = token("B");
const C = token("C");
const tier = { feePips: 500, tickSpacing: 10 } as const;
const full = fullRangePool({ ...tier, address: "0x01", token0: A, token1: B }, 10n ** 21n);
const second = fullRangePool({ ...tier, address: "0x02", token0: C, token1: B }, 10n ** 21n);

test("without a fall both depths are those of the market", () => {
  const depth = stressedMarketDepth([[full]], "A", 0.05, 0);
  const curve = v3SellCurve(full, true);
  assert.equal(depth?.nowUsd, curve.capacity(0.05) * curve.priceQuote);
  assert.equal(depth?.priceQuote, curve.priceQuote);
  assert.ok(depth !== null && Math.abs(depth.shockedUsd / depth.nowUsd - 1) < 1e-12);
});

test("a full-range pool takes 1 / sqrt(1 - loss) times the collateral at the lower price, at the same slippage", () => {
  const depth = stressedMarketDepth([[full]], "A", 0.05, 0.36);
  assert.ok(depth !== null && Math.abs(depth.shockedUsd / depth.nowUsd - 1.25) < 1e-9);
});

test("liquidity that lies only above the fall is gone after it", () => {
  const tokens = { token0: A, token1: B };
  const near = poolOfPositions({ ...tier, ...tokens }, [{ lower: -1000, upper: 1000, liquidity: 10n ** 21n }]);
  const depth = stressedMarketDepth([[near]], "A", 0.05, 0.2);
  assert.ok(depth !== null && depth.nowUsd > 0);
  assert.equal(depth.shockedUsd, 0);
});

test("on a route the fall is put where it hurts most", () => {
  const thin = poolOfPositions({ ...tier, address: "0x03", token0: C, token1: B }, [
    { lower: -800, upper: 1000, liquidity: 10n ** 21n },
    { lower: -887_270, upper: 887_270, liquidity: 10n ** 17n },
  ]);
  const route = [[full], [thin]];
  const both = stressedMarketDepth(route, "A", 0.05, 0.3);
  const steady = stressedMarketDepth([[full], [second]], "A", 0.05, 0.3);
  assert.ok(both !== null && steady !== null);
  assert.ok(both.shockedUsd < steady.shockedUsd);
});

test("a hop without a pool, or with one that trades something else, is null", () => {
  assert.equal(stressedMarketDepth([], "A", 0.05, 0.1), null);
  assert.equal(stressedMarketDepth([[]], "A", 0.05, 0.1), null);
  assert.equal(stressedMarketDepth([[full], []], "A", 0.05, 0.1), null);
  assert.equal(stressedMarketDepth([[full]], "C", 0.05, 0.1), null);
  assert.equal(stressedMarketDepth([[full, second]], "A", 0.05, 0.1), null);
  assert.equal(stressedMarketDepth([[{ ...full, sqrtPriceX96: 0n }]], "A", 0.05, 0.1), null);
});

test("more slippage never takes less, now or after any fall", () => {
  fc.assert(
    fc.property(arbitraryPool(), fc.double({ min: 0, max: 0.9, noNaN: true }), (pool, loss) => {
      const at = (slippage: number) => stressedMarketDepth([[pool]], "BASE", slippage, loss);
      const [small, large] = [at(0.02), at(0.08)];
      assert.ok(small !== null && large !== null);
      assert.ok(large.nowUsd >= small.nowUsd && large.shockedUsd >= small.shockedUsd);
    }),
  );
});

test("both depths are amounts of collateral valued at its price before the fall, whatever that price is", () => {
  // 4 B for one A: the pool of price 1 holds half as much A and twice as much B.
  const dear = fullRangePool({ ...tier, token0: A, token1: B, sqrtPriceX96: 2n ** 97n }, 10n ** 21n);
  const [one, four] = [full, dear].map((pool) => stressedMarketDepth([[pool]], "A", 0.05, 0.36));
  assert.ok(one && four);
  assert.ok(Math.abs(four.nowUsd / one.nowUsd - 2) < 1e-9, "amount halves, price is fourfold");
  assert.ok(Math.abs(four.shockedUsd / one.shockedUsd - 2) < 1e-9);
});

test("the other side of a pool is sold the other way round", () => {
  const dear = fullRangePool({ ...tier, token0: A, token1: B, sqrtPriceX96: 2n ** 97n }, 10n ** 21n);
  const mirror = fullRangePool({ ...tier, token0: B, token1: A, sqrtPriceX96: 2n ** 95n }, 10n ** 21n);
  const [a, b] = [stressedMarketDepth([[dear]], "A", 0.05, 0.2), stressedMarketDepth([[mirror]], "A", 0.05, 0.2)];
  assert.ok(a && b);
  assert.ok(Math.abs(b.nowUsd / a.nowUsd - 1) < 1e-9 && Math.abs(b.shockedUsd / a.shockedUsd - 1) < 1e-9);
});

test("several pools of a hop must buy the same token, and together take what each takes", () => {
  const twin = { ...full, pool: "0x0000000000000000000000000000000000000009" };
  const alone = stressedMarketDepth([[full]], "A", 0.05, 0.2);
  const both = stressedMarketDepth([[full, twin]], "A", 0.05, 0.2);
  assert.ok(alone && both);
  assert.ok(Math.abs(both.nowUsd / alone.nowUsd - 2) < 1e-9);
  const other = fullRangePool({ ...tier, address: "0x07", token0: A, token1: C }, 10n ** 21n);
  assert.equal(stressedMarketDepth([[full, other]], "A", 0.05, 0.2), null);
});

test("a second hop can only take away, a second pool in it only add, and one named twice counts once", () => {
  const first = v3SellCurve(full, true);
  const small = fullRangePool({ ...tier, address: "0x08", token0: C, token1: B }, 10n ** 20n);
  const at = (route: Parameters<typeof stressedMarketDepth>[0]) =>
    stressedMarketDepth(route, "A", 0.05, 0)?.nowUsd ?? Number.NaN;
  const [one, both, twice] = [at([[full], [second]]), at([[full], [second, small]]), at([[full], [second, second]])];
  assert.ok(one < first.capacity(0.05) * first.priceQuote);
  assert.ok(both > one);
  assert.equal(twice, one);
});

test("tokens of different decimals: 3 000 dollars of 6 digits for an ether of 18", () => {
  const [dollar, ether] = [token("USDC", 6), token("WETH", 18)];
  const sqrtPriceX96 = BigInt(Math.round(Math.sqrt(10 ** 12 / 3_000) * 2 ** 96));
  const pool = fullRangePool({ ...tier, token0: dollar, token1: ether, sqrtPriceX96 }, 10n ** 18n);
  const depth = stressedMarketDepth([[pool]], "WETH", 0.05, 0);
  assert.ok(depth !== null && Math.abs(depth.priceQuote / 3_000 - 1) < 1e-9);
});

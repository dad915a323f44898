import assert from "node:assert/strict";
import test from "node:test";
import { mergedSellCurve, routedSellCurve } from "../../../keeper/model/depth/combinedSellCurve.ts";
import { sellCurve, shockedSellCurve } from "../../../keeper/model/depth/sellCurve.ts";
import { v3SellCurve } from "../../../keeper/model/depth/uniswapV3Curve.ts";
import { bookSellCurve } from "../../support/bookSellCurve.ts";
import { fullRangePool, pool, token } from "../../support/pools.ts";
import { xykSellCurve } from "../../support/xykSellCurve.ts";

const close = (given: number, wanted: number, tolerance = 1e-12): void =>
  assert.ok(Math.abs(given - wanted) <= tolerance * Math.abs(wanted), `${given} is not ${wanted}`);

test("known answer 20: a constant-product pool of 1000 at 1, 2 and 5 % average slippage", () => {
  const curve = xykSellCurve("pool", 1000, 1000, 0);
  assert.equal(curve.capacity(0.01).toFixed(5), "10.10101");
  assert.equal(curve.capacity(0.02).toFixed(5), "20.40816");
  assert.equal(curve.capacity(0.05).toFixed(5), "52.63158");
});

test("a constant-product sale returns what x y = k says, fee taken from the input", () => {
  const curve = xykSellCurve("pool", 400, 1_000_000, 0.003);
  for (const base of [0.001, 1, 400, 1e6]) close(curve.sell(base), (1e6 * base * 0.997) / (400 + base * 0.997));
  close(curve.marginal(0), 2500 * 0.997);
  close(curve.sell(1e30), 1e6);
});

test("a full-range v3 pool is a constant-product pool with the decimals of its tokens", () => {
  const tokens = { token0: token("WBTC", 8), token1: token("USDC", 6) };
  const sqrtPriceX96 = BigInt(Math.sqrt(100_000 * 10 ** (6 - 8)) * 2 ** 96);
  const liquidity = 10n ** 12n;
  const v3 = v3SellCurve(fullRangePool({ feePips: 500, tickSpacing: 10, sqrtPriceX96, ...tokens }, liquidity), true);
  close(v3.priceQuote, 100_000, 1e-9);
  const root = Math.sqrt(100_000 * 10 ** (6 - 8));
  const xyk = xykSellCurve("pool", 1e12 / root / 1e8, (1e12 * root) / 1e6, 0.0005);
  for (const base of [1e-6, 1, 1000]) close(v3.sell(base), xyk.sell(base), 1e-9);
  close(v3.capacity(0.03), xyk.capacity(0.03), 1e-9);
});

test("both directions of one pool agree at its price", () => {
  const two = fullRangePool({ feePips: 3000, tickSpacing: 60, sqrtPriceX96: 3n * 2n ** 96n });
  close(v3SellCurve(two, true).priceQuote, 9);
  close(v3SellCurve(two, false).priceQuote, 1 / 9);
  close(v3SellCurve(two, false).marginal(0), 0.997 / 9);
});

test("a pool without a price or without liquidity has no depth", () => {
  const ticks = [] as const;
  const dead = { ...pool({ feePips: 500, tickSpacing: 10, liquidity: 0n, ticks }), sqrtPriceX96: 0n };
  for (const curve of [v3SellCurve(dead, true), v3SellCurve({ ...dead, sqrtPriceX96: 2n ** 96n }, false)]) {
    assert.equal(curve.sell(1), 0);
    assert.equal(curve.capacity(0.5), 0);
    assert.equal(curve.marginal(0), 0);
  }
});

test("an order book is walked level by level, the best first, and cannot take more than it holds", () => {
  const curve = bookSellCurve(
    "book",
    [
      [98, 1],
      [99, 1],
      [0, 5],
      [97, Number.NaN],
    ],
    100,
    0,
  );
  assert.equal(curve.sell(1), 99);
  assert.equal(curve.sell(1.5), 148);
  assert.equal(curve.sell(2), 197);
  assert.equal(curve.sell(50), 197);
  assert.equal(curve.marginal(1.5), 98);
  assert.equal(curve.marginal(2), 0);
  assert.equal(curve.capacity(0.009), 0);
  assert.equal(curve.capacity(0.01), 1);
  close(curve.capacity(0.0125), 4 / 3);
  assert.equal(curve.capacity(0.5), 2);
  assert.equal(bookSellCurve("book", [[99, 1]], 100, 0.001).sell(1), 99 * 0.999);
});

test("capacity is nothing when the fee alone exceeds the slippage, and everything at a slippage of one", () => {
  const curve = xykSellCurve("pool", 1000, 1000, 0.01);
  assert.equal(curve.capacity(0.0099), 0);
  assert.equal(curve.capacity(-1), 0);
  assert.ok(curve.capacity(0.0101) > 0);
  assert.equal(curve.capacity(1), Number.POSITIVE_INFINITY);
});

test("two equal pools merge into one of twice the size", () => {
  const merged = mergedSellCurve([xykSellCurve("a", 500, 1000, 0.003), xykSellCurve("b", 500, 1000, 0.003)]);
  const one = xykSellCurve("c", 1000, 2000, 0.003);
  for (const base of [0.1, 10, 5000]) close(merged.sell(base), one.sell(base));
  close(merged.capacity(0.05), one.capacity(0.05));
});

test("a pool that appears twice is counted once, whatever the case of its address", () => {
  const merged = mergedSellCurve([xykSellCurve("0xAB", 500, 500, 0), xykSellCurve("0xab", 500, 500, 0)]);
  close(merged.capacity(0.01), xykSellCurve("0xAB", 500, 500, 0).capacity(0.01));
});

test("a small pool at a far price moves neither the reference price nor the capacity by more than its own size", () => {
  const large = xykSellCurve("large", 1000, 1000, 0.0005);
  for (const price of [0.5, 2]) {
    const merged = mergedSellCurve([large, xykSellCurve("dust", 0.1, 0.1 * price, 0.0005)]);
    assert.equal(merged.priceQuote, 1);
    close(merged.capacity(0.02), large.capacity(0.02), 0.001);
  }
});

test("the reference price is the median by depth; of two equal halves the higher, which is never the looser", () => {
  const at = (id: string, base: number, price: number) =>
    xykSellCurve(id, base / Math.sqrt(price), base * Math.sqrt(price), 0);
  const price = (...curves: Parameters<typeof mergedSellCurve>[0]) => mergedSellCurve(curves).priceQuote;
  assert.equal(price(at("a", 100, 1), at("b", 100, 1.001)), at("b", 100, 1.001).priceQuote);
  assert.equal(price(at("a", 101, 1), at("b", 100, 1.001)), 1);
  close(price(at("a", 30, 0.9), at("b", 30, 1), at("c", 30, 1.1)), 1);
  close(price(at("a", 30, 0.9), at("b", 61, 1.1)), 1.1);
});

test("a pool priced far above the reference adds what it takes below it and no arbitrage profit", () => {
  const fair = xykSellCurve("fair", 1000, 1000, 0);
  const merged = mergedSellCurve([fair, xykSellCurve("pumped", 500, 2000, 0)], 1);
  assert.equal(merged.marginal(0), 1);
  // At price 1 the pumped pool holds 1000 of each.
  close(merged.capacity(0.02), 2 * fair.capacity(0.02));
});

test("a book and a pool merge: the book is used when the pool's price has come down to it", () => {
  const pool1000 = xykSellCurve("pool", 1000, 1000, 0);
  const merged = mergedSellCurve([pool1000, bookSellCurve("book", [[0.99, 100]], 1, 0)], 1);
  const until = 1000 * (1 / Math.sqrt(0.99) - 1);
  close(merged.sell(until), pool1000.sell(until));
  close(merged.sell(until + 100), pool1000.sell(until) + 99);
  close(merged.sell(until + 100 + 3), pool1000.sell(until + 3) + 99);
});

test("a route sells in the second hop what the first returned", () => {
  const btc = xykSellCurve("btc", 100, 3000, 0.003);
  const eth = xykSellCurve("eth", 10_000, 30_000_000, 0.0005);
  const route = routedSellCurve([btc, eth]);
  close(route.priceQuote, 90_000);
  for (const base of [0.01, 1, 50, 5000]) close(route.sell(base), eth.sell(btc.sell(base)));
  close(route.marginal(3), btc.marginal(3) * eth.marginal(btc.sell(3)));
});

test("a route ends where its second hop can take no more", () => {
  const route = routedSellCurve([xykSellCurve("a", 100, 100, 0), bookSellCurve("b", [[2, 10]], 2, 0)]);
  close(route.sell(1e9), 20);
  close(route.capacity(1), 100 / 9);
});

test("an empty hop leaves nothing to sell through", () => {
  const nothing = mergedSellCurve([]);
  assert.equal(routedSellCurve([xykSellCurve("a", 100, 100, 0), nothing]).capacity(0.5), 0);
  assert.equal(routedSellCurve([]).priceQuote, 0);
});

test("after a shock the curve starts at the lower price with what is left of the liquidity", () => {
  const curve = xykSellCurve("pool", 1000, 1000, 0.003);
  const shocked = shockedSellCurve(curve, 0.19);
  close(shocked.priceQuote, 0.81);
  close(shocked.marginal(0), 0.81 * 0.997);
  // At 0.81 the pool holds 1000 / 0.9 base and 900 quote.
  const moved = xykSellCurve("pool", 1000 / 0.9, 900, 0.003);
  for (const base of [1, 100]) close(shocked.sell(base), moved.sell(base));
  close(shocked.capacity(0.05), moved.capacity(0.05));
  const book = shockedSellCurve(
    bookSellCurve(
      "book",
      [
        [99, 1],
        [80, 2],
        [70, 3],
      ],
      100,
      0,
    ),
    0.2,
  );
  assert.equal(book.sell(10), 210);
});

test("an amount, slippage or loss that makes no sense is refused by name", () => {
  const curve = xykSellCurve("pool", 1, 1, 0);
  assert.throws(() => curve.sell(-1), { code: "OUT_OF_RANGE", message: /base.*-1/ });
  assert.throws(() => curve.marginal(Number.NaN), { code: "OUT_OF_RANGE" });
  assert.throws(() => curve.capacity(Number.NaN), { code: "OUT_OF_RANGE", message: /maxSlippage/ });
  assert.throws(() => shockedSellCurve(curve, 1), { code: "OUT_OF_RANGE", message: /loss/ });
});

test("pieces are taken only as far as a question reaches, and the answers are those of all of them", () => {
  let taken = 0;
  function* levels() {
    for (let i = 0; i < 1000; i++) {
      taken++;
      yield { price: 100 - i / 100, endPrice: 100 - i / 100, curvature: 0, width: 1 };
    }
  }
  const lazy = sellCurve(["a"], 100, levels());
  assert.equal(taken, 0);
  const capacity = lazy.capacity(0.001);
  assert.ok(taken > 20 && taken < 40, `${taken} pieces for a slippage of 0.1 %`);
  assert.ok((lazy.pieceAt(2)?.price ?? 0) === 99.98);
  assert.equal(sellCurve(["a"], 100, levels()).pieceAt(3)?.base, 3, "asked for first, the ones before are taken too");
  const whole = sellCurve(["a"], 100, [...levels()]);
  assert.equal(whole.pieces.length, 1000);
  for (const base of [0, 0.5, 20.5, 999, 1000, 2000]) {
    assert.equal(lazy.sell(base), whole.sell(base));
    assert.equal(lazy.marginal(base), whole.marginal(base));
  }
  assert.equal(lazy.capacity(0.001), capacity);
  assert.equal(whole.capacity(0.001), capacity);
  assert.equal(whole.capacity(1), 1000);
  assert.equal(lazy.pieceAt(1000), undefined);
});

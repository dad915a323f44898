import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { OrderBook } from "../../../keeper/domain/observation.ts";
import { mergedSellCurve } from "../../../keeper/model/depth/combinedSellCurve.ts";
import { orderBookSellCurve } from "../../../keeper/model/depth/sellCurve.ts";
import { near } from "../../support/near.ts";
import { xykSellCurve } from "../../support/xykSellCurve.ts";

const book: OrderBook = {
  kind: "orderBook",
  source: "okx:ETH-USDT:book",
  market: "ETH-USDT",
  eventTime: 0,
  bids: [
    [99, 2],
    [98, 2],
  ],
  asks: [[101, 1]],
};

test("half of every level is sold into, from the best bid down: 1 at 99 and 1 at 98", () => {
  const curve = orderBookSellCurve(book, 0, 0.5);
  assert.equal(curve.sell(2), 197);
  assert.equal(curve.sell(100), 197);
  assert.equal(curve.priceQuote, 100);
});

test("the taker's fee comes off the proceeds", () => {
  near(orderBookSellCurve(book, 0.001, 1).sell(4), 394 * 0.999, 1e-9);
});

test("a book without a side has no price and takes nothing", () => {
  for (const side of ["bids", "asks"] as const) {
    const curve = orderBookSellCurve({ ...book, [side]: [] }, 0, 1);
    assert.deepEqual([curve.priceQuote, curve.sell(1), curve.capacity(0.5)], [0, 0, 0]);
  }
});

test("fees and weights outside of their range are refused by name", () => {
  for (const [fee, weight] of [
    [-0.1, 1],
    [1, 1],
    [Number.NaN, 1],
    [0, 0],
    [0, 1.1],
    [0, Number.NaN],
  ] as const) {
    assert.throws(() => orderBookSellCurve(book, fee, weight), { code: "OUT_OF_RANGE" });
  }
});

test("depth grows with the weight, and never above the whole book", () => {
  const weight = fc.double({ min: 0.01, max: 1, noNaN: true });
  fc.assert(
    fc.property(weight, weight, fc.double({ min: 0, max: 0.03, noNaN: true }), (one, other, slippage) => {
      const capacity = (share: number) => orderBookSellCurve(book, 0, share).capacity(slippage);
      assert.ok(capacity(Math.min(one, other)) <= capacity(Math.max(one, other)) + 1e-12);
      assert.ok(capacity(one) <= 4 + 1e-12);
    }),
    { numRuns: 300, seed: 1 },
  );
});

test("beside a pool at the same price a book adds depth and takes none away", () => {
  const pool = xykSellCurve("0xpool", 1000, 100_000, 0.003);
  const alone = pool.capacity(0.02);
  const together = mergedSellCurve([pool, orderBookSellCurve(book, 0.001, 0.5)], pool.priceQuote).capacity(0.02);
  assert.ok(together > alone, `${together} against ${alone}`);
});

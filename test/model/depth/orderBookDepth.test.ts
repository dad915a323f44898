import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { OrderBook } from "../../../keeper/domain/observation.ts";
import { bookDepth } from "../../../keeper/model/depth/route.ts";
import { calmBook, THREE_BOOKS } from "../../support/books.ts";

const PRICE = 3_000;
const POOLS = { nowUsd: 50e6, shockedUsd: 20e6, priceQuote: PRICE };
const books = (...sizes: readonly number[]): OrderBook[] =>
  sizes.flatMap((size, i) => (size === 0 ? [] : calmBook(THREE_BOOKS.markets[i] ?? "", 0, PRICE, size)));
const now = (found: readonly OrderBook[], pools = POOLS, change: Partial<typeof THREE_BOOKS> = {}) =>
  bookDepth(pools, found, { ...THREE_BOOKS, ...change }, 0.04, 0.1).nowUsd;

describe("depth of order books", () => {
  it("is half of every level down to the average slippage, by hand", () => {
    // Fees of 0.1 %; level n (from 0) pays 1 - 0.001 (n + 0.5); the average of N levels is 1 - 0.0005 N before fees.
    // 0.999 (1 - 0.0005 N) = 0.96 at N = 78.08, beyond the fifty levels there are: all of them, half of 100 coins each.
    assert.equal(now(books(100, 100, 100)), 3 * 50 * 50 * PRICE);
    const tight = bookDepth(POOLS, books(100, 100, 100), THREE_BOOKS, 0.011, 0).nowUsd / (3 * 50 * PRICE);
    // 0.999 (1 - 0.0005 N) = 0.989: N = 20.02, the rest in level 20.
    assert.ok(Math.abs(tight - 20.02) < 0.05, String(tight));
  });

  it("is of each book at most the lower median of those listed, a missing one counting as nothing", () => {
    const one = now(books(100, 100, 100)) / 3;
    assert.equal(now(books(100, 100, 1e6)), 3 * one);
    assert.equal(now(books(100, 0, 100)), 2 * one);
    assert.equal(now(books(100, 0, 1e6)), 2 * one);
    assert.equal(now(books(0, 0, 1e6)), 0);
    assert.equal(now(books(10, 100, 100)), 2.1 * one);
  });

  it("is together at most the multiple of the pools that governance allows, and nothing without pools", () => {
    const large = books(1e6, 1e6, 1e6);
    assert.equal(now(large), POOLS.nowUsd);
    assert.equal(now(large, POOLS, { mostOfPools: 0.25 } as never), POOLS.nowUsd / 4);
    assert.equal(now(large, { ...POOLS, nowUsd: 0 }), 0);
    const { shockedUsd } = bookDepth(POOLS, large, THREE_BOOKS, 0.04, 0);
    assert.equal(shockedUsd, POOLS.shockedUsd);
  });

  it("counts after a fall only what lies below it: nothing of a book of 5 % after 10 %", () => {
    const found = books(100, 100, 100);
    assert.equal(bookDepth(POOLS, found, THREE_BOOKS, 0.04, 0.1).shockedUsd, 0);
    const some = bookDepth(POOLS, found, THREE_BOOKS, 0.04, 0.02).shockedUsd;
    assert.ok(some > 0 && some < now(found), String(some));
  });

  it("is measured from the higher of route and book: neither a low book nor a low pool adds", () => {
    const found = books(100, 100, 100);
    const tight = (pools: typeof POOLS, of: readonly OrderBook[]) => bookDepth(pools, of, THREE_BOOKS, 0.02, 0).nowUsd;
    const calm = tight(POOLS, found) / PRICE;
    const lowPool = { ...POOLS, priceQuote: 0.96 * PRICE };
    assert.ok(tight(lowPool, found) / lowPool.priceQuote <= calm * (1 + 1e-12));
    const lowBooks = THREE_BOOKS.markets.map((name) => calmBook(name, 0, 0.99 * PRICE));
    assert.ok(tight(POOLS, lowBooks) / PRICE < calm);
  });

  it("never grows when a book shrinks or goes, and not with their order", () => {
    const sizes = fc.tuple(...[0, 1, 2].map(() => fc.double({ min: 0, max: 2_000, noNaN: true })));
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const property = fc.property(sizes, fc.nat({ max: 2 }), share, (all, at, left) => {
      const less = all.map((size, i) => (i === at ? size * left : size));
      assert.ok(now(books(...less)) <= now(books(...all)) * (1 + 1e-12));
      assert.equal(now(books(...all).toReversed()), now(books(...all)));
    });
    fc.assert(property, { numRuns: 200, seed: 7 });
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Observed, OrderBook } from "../keeper/domain/observation.ts";
import type { MarketParameters } from "../keeper/domain/parameters.ts";
import { SOURCE_BITS } from "../keeper/domain/risk.ts";
import { assess } from "../keeper/pipeline.ts";
import { calmBook, THREE_BOOKS } from "./support/books.ts";
import { calmObserved, calmPool, seen } from "./support/observations.ts";
import { calmMarket, NO_HISTORY } from "./support/onChain.ts";
import { WETH } from "./support/shipped.ts";

/**
 * Order books beside a pool so thin that depth decides. A book that is wrong, late or gone loosens nothing; books alone are
 * no depth; and all of them together add at most what the pools take.
 */
const NOW = 1_770_000_000;
const THIN = 300_000_000_000_000_000n;
const MARKET: MarketParameters = {
  ...WETH,
  model: { ...WETH.model, largestBorrowerUsd: 30e6, supplyCapUsd: 30e6 },
  books: THREE_BOOKS,
};
const ALONE: MarketParameters = { ...WETH, model: MARKET.model };
const POOL = seen(calmPool(NOW - 2, 3_000, THIN));
const OTHERS = [...calmObserved(NOW).filter((one) => !one.source.startsWith("uniswapV3")), POOL];
const BOOKS = THREE_BOOKS.markets.map((name) => seen(calmBook(name, NOW - 1, 3_000, 4)));
const WATCHED = {
  ...NO_HISTORY,
  depth: Array.from({ length: 48 }, (_, i) => [NOW - (48 - i) * 3_600, 60e6] as const),
  lastImplied: { time: NOW - 3_600, vol: 0.5 },
  lastDepth: { time: NOW - 3_600, usd: 60e6 },
};

function assessed(books: readonly Observed[], stored = 2_250, market = MARKET, others: readonly Observed[] = OTHERS) {
  const onChain = calmMarket(NOW, { storedInitialBps: stored, initialBps: stored, maintenanceTargetBps: stored - 400 });
  return assess({ now: NOW, market, observed: [...others, ...books], history: WATCHED, onChain });
}
const writes = (books: readonly Observed[], stored: number): readonly [initial: number, maintenance: number] => {
  const { decision } = assessed(books, stored);
  return decision.action === "hold" ? [stored, stored - 400] : [decision.initialBps, decision.maintenanceTargetBps];
};
const changed = (at: number, change: (book: OrderBook) => OrderBook | null): readonly Observed[] =>
  BOOKS.map((one, i) => {
    if (i !== at) return one;
    const observation = change(one.observation as OrderBook);
    if (observation !== null) return { ...one, observation };
    return { ...one, observation, faults: [{ code: "UNREACHABLE", source: one.source, detail: "gone" }] };
  });
const scaled = (book: OrderBook, price: number, size: number): OrderBook => {
  const of = (levels: OrderBook["bids"]) => levels.map(([p, s]) => [p * price, s * size] as const);
  return { ...book, bids: of(book.bids), asks: of(book.asks) };
};

const WRONG: Readonly<Record<string, (book: OrderBook) => OrderBook | null>> = {
  gone: () => null,
  "a minute old": (book) => ({ ...book, eventTime: NOW - 60 }),
  "an hour ahead": (book) => ({ ...book, eventTime: NOW + 3_600 }),
  "without bids": (book) => ({ ...book, bids: [] }),
  crossed: (book) => ({ ...book, bids: book.asks, asks: book.bids }),
  "of NaN": (book) => ({ ...book, bids: [[Number.NaN, 1]] }),
  ...Object.fromEntries(
    [0.3, 0.7, 0.96, 1.04, 1.3, 100].map((f) => [`price x${f}`, (b: OrderBook) => scaled(b, f, 1)]),
  ),
  ...Object.fromEntries([1e-6, 0.1, 10, 1e6].map((f) => [`size x${f}`, (b: OrderBook) => scaled(b, 1, f)])),
};

describe("order books in a decision", () => {
  it("add to the depth and to the limit that the pool alone gives, and move no haircut", () => {
    const [alone, beside] = [assessed([], 5_000, ALONE), assessed(BOOKS, 5_000)];
    assert.deepEqual(beside.readings.faults, []);
    assert.equal(beside.readings.books?.length, 3);
    assert.ok((beside.decision.sources & SOURCE_BITS.books) !== 0);
    const { nowUsd, booksUsd } = beside.risk.depth;
    assert.ok(booksUsd !== undefined && booksUsd > 0.2 * alone.risk.depth.nowUsd, `${booksUsd}`);
    assert.equal(nowUsd, alone.risk.depth.nowUsd + booksUsd);
    assert.ok(beside.target.limit.usd > alone.target.limit.usd);
    assert.equal(beside.target.initial, alone.target.initial);
  });

  it("add at most what the pools take, whatever they hold", () => {
    const huge = THREE_BOOKS.markets.map((name) => seen(calmBook(name, NOW - 1, 3_000, 1e5)));
    const { depth } = assessed(huge).risk;
    const pools = assessed([], 2_250, ALONE).risk.depth;
    assert.equal(depth.nowUsd, 2 * pools.nowUsd);
    assert.ok((depth.shockedUsd ?? 0) <= 2 * (pools.shockedUsd ?? 0));
  });

  it("are no depth by themselves: without the pool the last depth is held", () => {
    const { risk } = assessed(
      BOOKS,
      2_250,
      MARKET,
      OTHERS.filter((one) => one !== POOL),
    );
    assert.equal(risk.depth.shockedUsd, null);
    assert.equal(risk.depth.nowUsd, WATCHED.lastDepth.usd);
  });

  it("date the decision by the oldest of them", () => {
    assert.equal(assessed(changed(1, (book) => ({ ...book, eventTime: NOW - 20 }))).readings.asOf, NOW - 20);
  });

  it("leave a market that lists none exactly as it was", () => {
    const bare = assessed([], 2_250, ALONE);
    assert.deepEqual(assessed(BOOKS, 2_250, ALONE), bare);
    assert.ok(!("books" in bare.readings) && !("booksUsd" in bare.risk.depth));
  });

  for (const stored of [5_000, 2_250, 1_500]) {
    it(`loosen nothing from ${stored} bp when one of them is wrong in any of ${Object.keys(WRONG).length} ways`, () => {
      const clean = writes(BOOKS, stored);
      for (const [name, change] of Object.entries(WRONG)) {
        for (const at of [0, 1, 2]) {
          const wrong = writes(changed(at, change), stored);
          for (const side of [0, 1] as const) {
            const least = Math.min(side === 0 ? stored : stored - 400, clean[side]);
            assert.ok(wrong[side] >= least, `book ${at} ${name}: wrote ${wrong}, clean ${clean}, stored ${stored}`);
          }
        }
      }
    });
  }

  it("are named when they are wrong, and then nothing is loosened", () => {
    const named = (change: (book: OrderBook) => OrderBook | null) => {
      const { readings, decision } = assessed(changed(0, change), 5_000);
      const written = decision.action === "hold" ? 5_000 : decision.initialBps;
      return [readings.faults.map((found) => `${found.code} ${found.source}`).join(), written];
    };
    assert.deepEqual(
      named((book) => scaled(book, 1.3, 1)),
      ["DISAGREES okx:ETH-USDT:book", 5_000],
    );
    assert.deepEqual(
      named((book) => ({ ...book, eventTime: NOW - 60 })),
      ["STALE okx:ETH-USDT:book", 5_000],
    );
    assert.deepEqual(
      named(() => null),
      ["UNREACHABLE okx:ETH-USDT:book", 5_000],
    );
  });

  it("give more depth to no set of them than to a larger one, each larger or smaller by chance", () => {
    const size = fc.double({ min: 0.01, max: 40, noNaN: true });
    const property = fc.property(fc.tuple(size, size, size), fc.nat({ max: 2 }), (sizes, at) => {
      const all = THREE_BOOKS.markets.map((name, i) => seen(calmBook(name, NOW - 1, 3_000, sizes[i])));
      const [whole, without] = [assessed(all).risk.depth, assessed(all.filter((_, i) => i !== at)).risk.depth];
      assert.ok(without.nowUsd <= whole.nowUsd && (without.shockedUsd ?? 0) <= (whole.shockedUsd ?? 0));
    });
    fc.assert(property, { numRuns: 25, seed: 3 });
  });
});

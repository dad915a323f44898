import { TonsorError } from "../../domain/errors.ts";
import { lowerMedian } from "../../domain/median.ts";
import type { OrderBook } from "../../domain/observation.ts";
import type { BookParameters } from "../../domain/parameters.ts";
import { sourceName } from "../../domain/sourceNames.ts";
import { mergedSellCurve } from "./combinedSellCurve.ts";
import type { StressedMarketDepth } from "./route.ts";
import { type SellCurve, sellCurve, shockedSellCurve } from "./sellCurve.ts";

/**
 * What order books add to the depth of a route, USD at the price before the fall: each book's share `weight` by itself at
 * the same average slippage, measured from its own middle or the route's price, whichever is higher; of every book at most
 * the lower median of all that are listed, a missing one counting as empty; and together at most `mostOfPools` times what
 * the pools take. So one wrong book of three adds no more than the next one holds, losing one never adds, and pools that are
 * gone take the books with them. After a fall only what lay below it counts, as in pools.
 *
 * A sum is less than the best split over all venues would give (one marginal price), and a sale that gives it exists.
 *
 * @param pools of the route at the same slippage and fall
 * @param books accepted ones, any order
 */
export function bookDepth(
  pools: StressedMarketDepth,
  books: readonly OrderBook[],
  parameters: BookParameters,
  maxSlippage: number,
  loss: number,
): { readonly nowUsd: number; readonly shockedUsd: number } {
  const { markets, weight, takerFee, mostOfPools } = parameters;
  const listed = markets.map((name) => books.find((book) => book.source === sourceName.book(name)) ?? null);
  const sum = (capacityOf: (curve: SellCurve, reference: number) => number, poolsUsd: number): number => {
    const each = listed.map((book) => {
      if (book === null) return 0;
      const curve = orderBookSellCurve(book, takerFee, weight);
      return pools.priceQuote * capacityOf(curve, Math.max(curve.priceQuote, pools.priceQuote));
    });
    const middle = lowerMedian(each) ?? 0;
    const agreed = each.reduce((total, usd) => total + Math.min(usd, middle), 0);
    return Math.min(agreed, mostOfPools * poolsUsd);
  };
  const now = (curve: SellCurve, reference: number) => mergedSellCurve([curve], reference).capacity(maxSlippage);
  const fallen = (curve: SellCurve, reference: number) =>
    mergedSellCurve([shockedSellCurve(curve, loss)], reference * (1 - loss)).capacity(maxSlippage);
  return { nowUsd: sum(now, pools.nowUsd), shockedUsd: sum(fallen, pools.shockedUsd) };
}

/**
 * Sell curve of an observed order book, in quote per whole coin, of which only the share `weight` of every level counts:
 * orders on exchanges are withdrawn when they are needed (MODEL.md 2: weight 0.5; 10 October 2025: over 90 % left).
 * A book without both sides has an empty curve.
 *
 * @param takerFee fraction of the proceeds, [0, 1)
 * @param weight share of each level, (0, 1]
 * @throws TonsorError OUT_OF_RANGE for a fee or weight outside of its range
 * @example orderBookSellCurve({ ..., bids: [[99, 2], [98, 2]], asks: [[101, 1]] }, 0, 0.5).sell(2) // 197
 */
export function orderBookSellCurve(book: OrderBook, takerFee: number, weight: number): SellCurve {
  check("takerFee", takerFee, takerFee >= 0 && takerFee < 1, "a fraction in [0, 1)");
  check("weight", weight, weight > 0 && weight <= 1, "a share in (0, 1]");
  const bid = book.bids[0]?.[0];
  const ask = book.asks[0]?.[0];
  if (bid === undefined || ask === undefined) return sellCurve([book.source.toLowerCase()], 0, []);
  const levels = book.bids.map(([price, size]) => [price, size * weight] as const);
  return bookSellCurve(book.source, levels, (bid + ask) / 2, takerFee);
}

function check(field: string, given: number, holds: boolean, expected: string): void {
  if (!holds) throw new TonsorError("OUT_OF_RANGE", `${field} is out of range`, { field, given, expected });
}

/**
 * Sell curve of an order book, walked level by level from the best bid. Levels without a positive, finite price and
 * size are left out.
 *
 * @param id name of the book
 * @param bids [price in quote per base, size in base], any order
 * @param midPrice mid of best bid and ask, quote per base
 * @param takerFee fraction of the proceeds, [0, 1)
 * @example bookSellCurve("venue:ETH", [[99, 1], [98, 1]], 100, 0).sell(2) // 197
 */
export function bookSellCurve(
  id: string,
  bids: readonly (readonly [price: number, size: number])[],
  midPrice: number,
  takerFee: number,
): SellCurve {
  const usable = bids.filter(([price, size]) => price > 0 && size > 0 && Number.isFinite(price * size));
  const levels = usable.toSorted((a, b) => b[0] - a[0]);
  const shapes = levels.map(([bid, width]) => {
    const price = bid * (1 - takerFee);
    return { price, endPrice: price, curvature: 0, width };
  });
  return sellCurve([id.toLowerCase()], midPrice, shapes);
}

import { TonsorError } from "../../domain/errors.ts";
import type { OrderBook } from "../../domain/observation.ts";
import { type SellCurve, sellCurve } from "./sellCurve.ts";

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
function bookSellCurve(
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

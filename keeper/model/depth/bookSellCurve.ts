import { type SellCurve, sellCurve } from "./sellCurve.ts";

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

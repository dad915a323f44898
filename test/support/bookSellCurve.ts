import { orderBookSellCurve, type SellCurve } from "../../keeper/model/depth/sellCurve.ts";

/** Sell curve of a book with these bids, counted in full, and an ask that puts its middle at `mid`. */
export function bookSellCurve(
  id: string,
  bids: readonly (readonly [price: number, size: number])[],
  mid: number,
  takerFee: number,
): SellCurve {
  const best = bids[0]?.[0] ?? mid;
  const book = { kind: "orderBook", source: id, market: id, eventTime: 0, bids, asks: [[2 * mid - best, 1]] } as const;
  return orderBookSellCurve(book, takerFee, 1);
}

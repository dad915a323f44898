import { lowerMedian } from "../../domain/numbers.ts";
import type { OrderBook } from "../../domain/observation.ts";
import type { BookParameters } from "../../domain/parameters.ts";
import { sourceName } from "../../domain/sourceNames.ts";
import { mergedSellCurve } from "./combinedSellCurve.ts";
import type { StressedMarketDepth } from "./route.ts";
import { orderBookSellCurve, type SellCurve, shockedSellCurve } from "./sellCurve.ts";

/**
 * What order books add to the depth of a route, USD at the price before the fall: each book's share `weight` by itself at
 * the same average slippage, measured from its own middle or the route's price, whichever is higher; of every book at most
 * the lower median of all that are listed, a missing one counting as empty; and together at most `mostOfPools` times what
 * the pools take. So one wrong book of three adds no more than the next one holds, losing one never adds, and pools that are
 * gone take the books with them. After a fall only what lay below it counts, as in pools.
 *
 * A sum is less than the best split over all venues would give (one marginal price), and a sale that gives it exists.
 * @param pools of the route at the same slippage and fall  @param books accepted ones, any order
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

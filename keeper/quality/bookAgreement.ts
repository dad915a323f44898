import { type Fault, fault } from "../domain/fault.ts";
import { percent } from "../domain/format.ts";
import type { OrderBook } from "../domain/observation.ts";

/**
 * The order books whose middle stands with the market's price, in the order given, and a DISAGREES fault for each that does
 * not. Books have no vote in that price. Without a price none is accepted, for then nothing says what they trade.
 * @param maxDistance largest relative distance of a middle from the price
 */
export function agreeBooks(
  books: readonly OrderBook[],
  priceUsd: number | null,
  maxDistance: number,
): { readonly accepted: readonly OrderBook[]; readonly faults: readonly Fault[] } {
  if (priceUsd === null) return { accepted: [], faults: [] };
  const faults = books.flatMap((book) => {
    const middle = middleOf(book);
    const distance = Math.abs(middle / priceUsd - 1);
    if (distance <= maxDistance) return [];
    const seen = `middle ${middle.toPrecision(6)} against ${priceUsd.toPrecision(6)} USD of the market`;
    return [fault("DISAGREES", book.source, `${seen}, limit ${percent(maxDistance, 0)}`)];
  });
  const accused = new Set(faults.map((found) => found.source));
  return { accepted: books.filter((book) => !accused.has(book.source)), faults };
}

function middleOf({ bids, asks }: OrderBook): number {
  return ((bids[0]?.[0] ?? Number.NaN) + (asks[0]?.[0] ?? Number.NaN)) / 2;
}

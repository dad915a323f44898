import { binanceBooks } from "./books/binance.ts";
import { bybitBooks } from "./books/bybit.ts";
import { deribitBooks } from "./books/deribit.ts";
import { okxBooks } from "./books/okx.ts";
import type { BookVenue } from "./bookVenue.ts";

/** Every venue of order books. Adding one is one file and one line here; the names are the keys. */
export const BOOK_VENUES = {
  deribit: deribitBooks,
  okx: okxBooks,
  bybit: bybitBooks,
  binance: binanceBooks,
} as const satisfies Record<string, BookVenue>;

/** Name of a venue in `BOOK_VENUES`. */
export type BookVenueName = keyof typeof BOOK_VENUES;

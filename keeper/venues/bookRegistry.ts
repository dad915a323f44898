import { binanceBooks } from "./binance/book.ts";
import type { BookVenue } from "./bookVenue.ts";
import { bybitBooks } from "./bybit/book.ts";
import { deribitBooks } from "./deribit/book.ts";
import { okxBooks } from "./okx/book.ts";

/** Every venue of order books. Adding one is one file and one line here; the names are the keys. */
export const BOOK_VENUES = {
  deribit: deribitBooks,
  okx: okxBooks,
  bybit: bybitBooks,
  binance: binanceBooks,
} as const satisfies Record<string, BookVenue>;

/** Name of a venue in `BOOK_VENUES`. */

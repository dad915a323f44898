import type { Observed, OrderBook } from "../domain/observation.ts";
import type { VenueSettings } from "./optionsVenue.ts";

/** An open connection to a venue of order books. Reads never throw for what the venue does. */
export type BookSource = {
  /**
   * The book of one market by the venue's own name of it, as deep as one request goes.
   * @throws TonsorError BAD_ARGUMENT where the name is not one of a market whose sizes can be read
   */
  readOrderBook(market: string, signal?: AbortSignal): Promise<Observed<OrderBook>>;
};

/** One venue of order books: its name, where it lives, and how to open it. */
export type BookVenue = {
  readonly id: string;
  readonly baseUrl: string;
  /** Opens nothing yet: the first read does. Each connection has its own rate limit. */
  connect(settings?: VenueSettings): BookSource;
};

import type { MarketParameters } from "../domain/parameters.ts";
import { BOOK_VENUES } from "../venues/bookRegistry.ts";
import type { BookSource } from "../venues/bookVenue.ts";
import { OPTIONS_VENUES } from "../venues/registry.ts";
import type { FurtherVenues } from "./sources.ts";

/**
 * The options venues beside the preferred one that the markets list, each opened once; the network is first touched by
 * the first read.
 * @param urls addresses by registry id, for replays and tests; absent: each venue's own
 * @example furtherVenues([market], { okx: "http://127.0.0.1:8401" })
 */
export function furtherVenues(
  markets: readonly MarketParameters[],
  urls: Readonly<Record<string, string>> = {},
): FurtherVenues {
  const { deribit: _preferred, ...others } = OPTIONS_VENUES;
  const listed = new Set(markets.flatMap((market) => market.sources.optionVenues ?? []));
  return Object.fromEntries(
    Object.entries(others)
      .filter(([name]) => listed.has(name))
      .map(([name, venue]) => {
        const baseUrl = urls[name];
        return [name, venue.connect(baseUrl === undefined ? {} : { baseUrl })];
      }),
  );
}

/** Connections to the venues of order books that the markets list, by registry id. */
export type BookVenues = Readonly<Record<string, BookSource>>;

/**
 * The venues of the order books that the markets list, each opened once.
 * @param urls addresses by registry id; absent: each venue's own
 * @example bookVenues([market], { deribit: "http://127.0.0.1:8401" })
 */
export function bookVenues(
  markets: readonly MarketParameters[],
  urls: Readonly<Record<string, string>> = {},
): BookVenues {
  const listed = new Set(markets.flatMap((market) => market.books?.markets ?? []).map((name) => name.split(":")[0]));
  return Object.fromEntries(
    Object.entries(BOOK_VENUES)
      .filter(([name]) => listed.has(name))
      .map(([name, venue]) => {
        const baseUrl = urls[name];
        return [name, venue.connect(baseUrl === undefined ? {} : { baseUrl })];
      }),
  );
}

/**
 * Addresses of order books from those of options venues: a venue's books live where its options do, Binance's spot market
 * under a name of its own, `binanceSpot`.
 */
export function bookUrls(
  urls: Readonly<Record<string, string>>,
  deribitUrl: string | undefined,
): Readonly<Record<string, string>> {
  const { binance: _options, binanceSpot, ...same } = urls;
  return {
    ...same,
    ...(binanceSpot === undefined ? {} : { binance: binanceSpot }),
    ...(deribitUrl === undefined ? {} : { deribit: deribitUrl }),
  };
}

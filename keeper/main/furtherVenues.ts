import type { MarketParameters } from "../domain/parameters.ts";
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

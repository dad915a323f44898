import { TonsorError } from "../domain/errors.ts";
import type { Venue } from "./venue.ts";

/** What a market may name a venue for. */
export type Offer = "board" | "book" | "history" | "pools";

/** Every venue there is. Names in market files, VENUE_URLS and source names follow from it. */
export type VenueRegistry = {
  readonly venues: readonly Venue[];
  readonly byId: ReadonlyMap<string, Venue>;
  /** Ids of the venues that offer it, in order. */
  offering(offer: Offer): readonly string[];
  /** Names under which VENUE_URLS sets addresses: the ids of HTTP APIs, and `<id>Spot` where books have their own. */
  readonly urlNames: readonly string[];
};

/**
 * A registry of these venues. To add one to a registry: `venueRegistry([...VENUES.venues, mine])`.
 * @throws TonsorError BAD_ARGUMENT for two venues of one id, an id that is not letters and digits or that price feeds
 * have, and a board, book or history without an API
 */
export function venueRegistry(venues: readonly Venue[]): VenueRegistry {
  const byId = new Map(venues.map((venue) => [venue.id, venue]));
  for (const venue of venues) {
    const { id, api, board, book, history } = venue;
    if (!/^[A-Za-z0-9]+$/.test(id) || id === "priceFeed") throw refusal(id, "letters and digits, not priceFeed");
    if (byId.get(id) !== venue) throw refusal(id, "each id once");
    if ((board ?? book ?? history) !== undefined && api === undefined)
      throw refusal(id, "an api where it is asked over HTTP");
  }
  return {
    venues,
    byId,
    offering: (offer) => venues.filter((venue) => venue[offer] !== undefined).map(({ id }) => id),
    urlNames: venues.flatMap(({ id, api }) =>
      api === undefined ? [] : [id, ...(api.spotUrl === undefined ? [] : [`${id}Spot`])],
    ),
  };
}

function refusal(given: string, expected: string): TonsorError {
  return new TonsorError("BAD_ARGUMENT", `the venue ${given} cannot be registered`, { field: "id", given, expected });
}

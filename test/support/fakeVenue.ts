import assert from "node:assert/strict";
import type { History, ReadBoard, ReadBook, Venue } from "../../keeper/venues/venue.ts";

/** A venue of these reads, which touches no network. */
export function fakeVenue(
  id: string,
  { board, book, history }: { readonly board?: ReadBoard; readonly book?: ReadBook; readonly history?: History },
): Venue {
  const api = { url: "http://127.0.0.1:9", rateLimit: { perSecond: 1, burst: 1 }, restMs: () => 0, open: assert.fail };
  return {
    id,
    api,
    ...(board === undefined ? {} : { board: () => board }),
    ...(book === undefined ? {} : { book: () => book }),
    ...(history === undefined ? {} : { history: () => history }),
  };
}

/** A venue that offers everything and answers nothing. */
export function silentVenue(id: string): Venue {
  const none = async (name: string) => ({ source: `${id}:${name}`, observation: null, faults: [] });
  return fakeVenue(id, { board: none, book: none, history: { candles: none, index: none } });
}

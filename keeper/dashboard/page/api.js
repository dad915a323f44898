/** @import { SeriesPoint, StatusSnapshot, TimelineEvent } from "../status.ts" */

const TIMEOUT_MS = 5000;

/** @returns {Promise<StatusSnapshot>} */
export function fetchStatus() {
  return fetchJson("/api/status");
}

/**
 * Points of a market later than `since`, and its newest events, both oldest first.
 * @param {string} market
 * @param {number | null} since Unix seconds
 * @returns {Promise<{ points: SeriesPoint[], events: TimelineEvent[] }>}
 */
export function fetchSeries(market, since) {
  const query = new URLSearchParams({ market, ...(since === null ? {} : { since: String(since) }) });
  return fetchJson(`/api/series?${query}`);
}

/** Where all points of a market are as CSV. @param {string} market */
export function seriesCsv(market) {
  return `/api/series.csv?${new URLSearchParams({ market })}`;
}

/** @param {string} path */
async function fetchJson(path) {
  const response = await fetch(path, {
    signal: AbortSignal.timeout(TIMEOUT_MS),
    headers: { accept: "application/json" },
  });
  if (!response.ok) throw new Error(`${path} answered ${response.status}`);
  return response.json();
}

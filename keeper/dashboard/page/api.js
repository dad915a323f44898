/** @import { SeriesPoint, StatusSnapshot } from "../status.ts" */

const TIMEOUT_MS = 5000;

/** @returns {Promise<StatusSnapshot>} */
export function fetchStatus() {
  return fetchJson("/api/status");
}

/**
 * Points of a market later than `since`, oldest first.
 * @param {string} market
 * @param {number | null} since Unix seconds
 * @returns {Promise<SeriesPoint[]>}
 */
export async function fetchSeries(market, since) {
  const query = new URLSearchParams({ market, ...(since === null ? {} : { since: String(since) }) });
  return (await fetchJson(`/api/series?${query}`)).points;
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

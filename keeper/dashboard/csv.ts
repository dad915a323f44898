import type { SeriesPoint } from "./status.ts";

/** Columns of the file, in order; a point's own field names, which carry the units. */
const COLUMNS = [
  "time",
  "priceUsd",
  "volatility",
  "targetInitialBps",
  "onChainInitialBps",
  "targetMaintenanceBps",
  "onChainMaintenanceBps",
  "targetExposureLimitTokens",
  "onChainExposureLimitTokens",
] as const satisfies readonly (keyof SeriesPoint)[];

/**
 * Points as CSV (RFC 4180), the names of the fields first. Every cell is a number, or empty where there is no value: nothing that
 * a spreadsheet could take for a formula.
 * @example seriesCsv([]) // "time,priceUsd,volatility,...\r\n"
 */
export function seriesCsv(points: readonly SeriesPoint[]): string {
  const rows = points.map((point) => COLUMNS.map((name) => point[name] ?? "").join(","));
  return [COLUMNS.join(","), ...rows, ""].join("\r\n");
}

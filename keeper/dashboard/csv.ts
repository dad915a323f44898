import { pointSchema } from "./schemas.ts";
import type { SeriesPoint } from "./status.ts";

/** A point's own field names, which carry the units. */
const COLUMNS = pointSchema.keyof().options;

/**
 * Points as CSV (RFC 4180), the names of the fields first. Every cell is a number, or empty where there is no value: nothing that
 * a spreadsheet could take for a formula.
 * @example seriesCsv([]) // "time,priceUsd,volatility,...\r\n"
 */
export function seriesCsv(points: readonly SeriesPoint[]): string {
  const rows = points.map((point) => COLUMNS.map((name) => point[name] ?? "").join(","));
  return [COLUMNS.join(","), ...rows, ""].join("\r\n");
}

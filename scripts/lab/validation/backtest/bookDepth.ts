import { existsSync } from "node:fs";
import { csvNumbers } from "../../replay/csvNumbers.ts";
import { present } from "./loadSeries.ts";

/** Bids of a recorded order book, USD. */
export type DepthSample = { readonly time: number; readonly depth: number };

const HEADER = "t,bids_usd,bids_quantity,asks_usd,asks_quantity";
/** Recorded books reach so far below mid (`../shared/data/PROVENANCE.md`: about 1 %, of one exchange). */
const BAND = 0.01;

/** Bid side of a recorded book, oldest first, or null when it was not recorded. */
export function loadBook(folder: string, file: string): readonly DepthSample[] | null {
  if (!existsSync(`${folder}/${file}`)) return null;
  return csvNumbers(present(folder, file), HEADER).map(([time = 0, depth = 0]) => ({ time, depth }));
}

/** File of an asset's spot book below the data folder. */
export function spotBookFile(asset: string): string {
  return `depth/coinglass_spot_${asset}_book_4h.csv.gz`;
}

/**
 * Reserve of the constant-product pool that takes as much within the band as the bids do, in the unit of the bids: what
 * lies below the band was not recorded, so that shape is assumed. Selling q moves the price to (1 + q / reserve)^-2.
 * @example reserveOfBids(1e6) // 198.5e6
 */
export function reserveOfBids(bids: number): number {
  return bids / ((1 - BAND) ** -0.5 - 1);
}

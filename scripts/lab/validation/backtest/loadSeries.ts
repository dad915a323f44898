import { existsSync } from "node:fs";
import { join } from "node:path";
import { TonsorError } from "../../../../keeper/domain/errors.ts";
import type { Candle } from "../../../../keeper/domain/observation.ts";
import { csvNumbers } from "../../replay/csvNumbers.ts";
import { withheldIn } from "../../replay/withheld.ts";
import { type PriceSeries, priceSeries } from "./priceSeries.ts";

/** LUNA 2.0 took over the symbol: everything from here on is another coin. */
const LUNA_END = Date.UTC(2022, 4, 13, 1) / 1000;

/**
 * Recorded candles of one file. @throws TonsorError BAD_FILE when it is missing or its columns are not
 * t,open,high,low,close,volume
 */
export function loadSeries(folder: string, name: string, file: string, stepSeconds: number): PriceSeries {
  const rows = csvNumbers(present(folder, file), "t,open,high,low,close,volume");
  const candles = rows.map((row) => row as unknown as Candle);
  const own = name === "LUNA" ? candles.filter(([time]) => time < LUNA_END) : candles;
  return priceSeries(name, stepSeconds, own, withheldIn(folder));
}

/** Path of a file below the data folder. @throws TonsorError BAD_FILE naming it when it is not there */
export function present(folder: string, file: string): string {
  const path = join(folder, file);
  if (existsSync(path)) return path;
  throw new TonsorError("BAD_FILE", `recorded data not found: ${path}`, {
    field: "data folder",
    given: folder,
    expected: `the recordings, with ${file} in it (--data or TONSOR_DATA)`,
  });
}

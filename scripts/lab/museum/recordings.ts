import { existsSync } from "node:fs";
import { join } from "node:path";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import { readDepthFile, readPriceFile, type Series } from "../files/seriesFile.ts";
import { type IndexSeries, loadIndex } from "../validation/backtest/indexSeries.ts";
import { present } from "../validation/backtest/loadSeries.ts";
import { type PriceSeries, ratioSeries } from "../validation/backtest/priceSeries.ts";
import { compositeSeries, poolSeries } from "../validation/studies/peggedSeries.ts";
import type { Recording } from "./incident.ts";

/** Recordings of several folders, the first that has a file counts; what several incidents read is read once. */
export class Recordings {
  readonly #folders: readonly string[];
  readonly #read = new Map<string, PriceSeries>();

  constructor(folders: readonly string[]) {
    this.#folders = folders;
  }

  /** @throws TonsorError BAD_FILE when it is not there or cannot be used */
  series(recording: Recording): PriceSeries {
    const key = JSON.stringify(recording);
    const known = this.#read.get(key);
    if (known !== undefined) return known;
    const read = this.#series(recording);
    this.#read.set(key, read);
    return read;
  }

  /** Hours of a listed underlying, and its options index. */
  underlying(name: "ETH" | "BTC"): { readonly series: PriceSeries; readonly index: IndexSeries } {
    const file = `ohlcv/binance_spot_${name}USDT_1h.csv.gz`;
    return { series: this.series({ file }), index: this.index(name) };
  }

  /** Options index of a currency, where it was recorded. */
  index(name: "ETH" | "BTC"): IndexSeries {
    return loadIndex(this.#folderOf(`dvol/deribit_dvol_${name}_1d.csv`), name);
  }

  /** A book over time, USD. */
  depth(file: string): Series {
    return readDepthFile(present(this.#folderOf(file), file));
  }

  #series(recording: Recording): PriceSeries {
    if ("file" in recording) {
      const { file } = recording;
      return readPriceFile(present(this.#folderOf(file), file), file, true);
    }
    if ("pool" in recording) return poolSeries(this.#folderOf("uniswap_v3")).series;
    const folder = this.#folderOf("depeg");
    return ratioSeries(compositeSeries(folder, recording.composite), compositeSeries(folder, recording.over));
  }

  /** The first folder that has a file, else the last: its absence is named by who reads. */
  #folderOf(file: string): string {
    const folder = this.#folders.find((one) => existsSync(join(one, file))) ?? this.#folders.at(-1);
    if (folder !== undefined) return folder;
    const expected = "a folder of recordings (--data or TONSOR_DATA)";
    throw new TonsorError("BAD_FILE", `recorded data not found: ${file}`, {
      field: "data folder",
      given: "none",
      expected,
    });
  }
}

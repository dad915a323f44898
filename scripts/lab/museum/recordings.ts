import { existsSync } from "node:fs";
import { join } from "node:path";
import { readDepthFile, readPriceFile, type Series } from "../files/seriesFile.ts";
import { type IndexSeries, loadIndex } from "../validation/backtest/indexSeries.ts";
import { type PriceSeries, ratioSeries } from "../validation/backtest/priceSeries.ts";
import { compositeSeries, poolSeries } from "../validation/studies/peggedSeries.ts";
import type { Recording } from "./incident.ts";

/** A recording that none of the folders has; `field` of the incident asks for it. */
export class MissingRecording extends Error {
  readonly field: string;
  readonly file: string;
  readonly folders: readonly string[];

  constructor(field: string, file: string, folders: readonly string[]) {
    super(`recorded data not found: ${file}`);
    this.field = field;
    this.file = file;
    this.folders = folders;
  }
}

/** Recordings of several folders, the first that has a file counts; what several incidents read is read once. */
export class Recordings {
  readonly #folders: readonly string[];
  readonly #read = new Map<string, PriceSeries>();

  constructor(folders: readonly string[]) {
    this.#folders = folders;
  }

  /**
   * @param field of the incident that asks for it
   * @throws TonsorError BAD_FILE when it cannot be used, MissingRecording when it is not there, as all of these do
   */
  series(recording: Recording, field: string): PriceSeries {
    const key = JSON.stringify(recording);
    const known = this.#read.get(key);
    if (known !== undefined) return known;
    const read = this.#series(recording, field);
    this.#read.set(key, read);
    return read;
  }

  /** Hours of a listed underlying, and its options index. */
  underlying(name: "ETH" | "BTC"): { readonly series: PriceSeries; readonly index: IndexSeries } {
    const file = `ohlcv/binance_spot_${name}USDT_1h.csv.gz`;
    return { series: this.series({ file }, "transferFrom"), index: this.index(name, "transferFrom") };
  }

  /** Options index of a currency, where it was recorded. */
  index(name: "ETH" | "BTC", field = "index"): IndexSeries {
    return loadIndex(this.#folderOf(`dvol/deribit_dvol_${name}_1d.csv`, field), name);
  }

  /** A book over time, USD. */
  depth(file: string): Series {
    return readDepthFile(join(this.#folderOf(file, "depth.recorded"), file));
  }

  #series(recording: Recording, field: string): PriceSeries {
    if ("file" in recording) {
      const { file } = recording;
      return readPriceFile(join(this.#folderOf(file, field), file), file, true);
    }
    if ("pool" in recording) return poolSeries(this.#folderOf("uniswap_v3", field)).series;
    const folder = this.#folderOf("depeg", field);
    return ratioSeries(compositeSeries(folder, recording.composite), compositeSeries(folder, recording.over));
  }

  /** The first folder that has a file. */
  #folderOf(file: string, field: string): string {
    const folder = this.#folders.find((one) => existsSync(join(one, file)));
    if (folder === undefined) throw new MissingRecording(field, file, this.#folders);
    return folder;
  }
}

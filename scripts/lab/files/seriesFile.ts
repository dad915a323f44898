import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { parse } from "csv-parse/sync";
import { TonsorError } from "../../../keeper/domain/errors.ts";

/** One column of a table over time. */
export type Series = {
  /** Unix seconds, rising. */
  readonly times: Float64Array;
  /** > 0. */
  readonly values: Float64Array;
  /** Seconds from one row to the next where all are equally long; else null. */
  readonly stepSeconds: number | null;
};

const TIMES = ["t", "time", "timestamp"];
/** Names under which a price or a depth is searched, in this order. */
export const PRICE_COLUMNS: readonly string[] = ["close", "price", "price_usd"];
export const DEPTH_COLUMNS: readonly string[] = ["depth_usd", "bids_usd"];

/**
 * A series of a csv file with a header: a time (`t`, `time` or `timestamp`: Unix seconds or ISO 8601) and one of `columns`;
 * other columns are not read. Plain or gzip; `-` reads standard input.
 * @param even every step must be as long as the first: no hole
 * @throws TonsorError BAD_FILE naming file, row, column, value and what was expected: a missing column, a cell that is no
 * number above 0, a time that does not rise, a hole
 */
export function readSeriesFile(path: string, columns: readonly string[], even: boolean): Series {
  const file = path === "-" ? "standard input" : path;
  const rows = tableOf(textOf(path), file);
  const names = Object.keys(rows[0] ?? {});
  const column = (wanted: readonly string[]): string => {
    const found = wanted.find((name) => names.includes(name));
    if (found !== undefined) return found;
    const facts = { field: "header", given: names.slice(0, 20).join(","), expected: `a column ${wanted.join(" or ")}` };
    throw new TonsorError("BAD_FILE", `${file} lacks a column`, facts);
  };
  const [timeName, valueName] = [column(TIMES), column(columns)];
  if (rows.length < 2) {
    const facts = { field: "rows", given: rows.length, expected: "two rows or more" };
    throw new TonsorError("BAD_FILE", `${file} is too short`, facts);
  }
  const refuse = (row: number, name: string, expected: string): never => {
    const facts = { field: name, given: rows[row]?.[name], expected };
    throw new TonsorError("BAD_FILE", `row ${row + 2} of ${file} cannot be used`, facts);
  };
  const times = Float64Array.from(rows, (cells, row) => {
    const value = timeOf(cells[timeName]);
    return Number.isFinite(value) ? value : refuse(row, timeName, "Unix seconds or ISO 8601");
  });
  const first = (times[1] as number) - (times[0] as number);
  let stepSeconds: number | null = first;
  for (let row = 1; row < times.length; row += 1) {
    const step = (times[row] as number) - (times[row - 1] as number);
    if (!(step > 0)) refuse(row, timeName, "a time later than that of the row before");
    if (step === first) continue;
    if (even) refuse(row, timeName, `${first} s after the row before, without a hole`);
    stepSeconds = null;
  }
  const values = Float64Array.from(rows, (cells, row) => {
    const value = numberOf(cells[valueName]);
    return value > 0 && Number.isFinite(value) ? value : refuse(row, valueName, "a number > 0");
  });
  return { times, values, stepSeconds };
}

function textOf(path: string): string {
  try {
    const bytes = readFileSync(path === "-" ? 0 : path);
    return (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString("utf8");
  } catch (cause) {
    const given = (cause as NodeJS.ErrnoException).code ?? "no gzip";
    const facts = { field: path, given, expected: "a csv file, plain or gzip" };
    throw new TonsorError("BAD_FILE", `${path} cannot be read`, facts, cause);
  }
}

function tableOf(text: string, file: string): readonly Readonly<Record<string, string>>[] {
  try {
    return parse(text, { columns: true, bom: true, skip_empty_lines: true, trim: true });
  } catch (cause) {
    const expected = "comma-separated values with one header line";
    throw new TonsorError("BAD_FILE", `${file} is no table`, { expected }, cause);
  }
}

function numberOf(text: string | undefined): number {
  return text === undefined || text === "" ? Number.NaN : Number(text);
}

function timeOf(text: string | undefined): number {
  if (text === undefined || text === "") return Number.NaN;
  const seconds = Number(text);
  return Number.isFinite(seconds) ? seconds : Date.parse(text) / 1_000;
}

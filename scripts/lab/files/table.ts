import { CsvError, parse } from "csv-parse/sync";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import { inputName, readText } from "./readText.ts";

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const TIME = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-]\d{2}:?\d{2})?)?$/;
/** No price was recorded after the year 5138: a larger number counts milliseconds or less. */
const MOST_SECONDS = 1e11;

/** What a cell of time should hold. */
const TIME_EXPECTED = "Unix seconds or ISO 8601 (UTC where no zone is given)";

/** Comma-separated values with one header line; names are compared in lower case. */
export class Table {
  readonly file: string;
  readonly length: number;
  readonly #text: string;
  readonly #names: readonly string[];
  readonly #rows: readonly (readonly string[])[];

  /** @throws TonsorError BAD_FILE when the text is no table or has no row */
  constructor(text: string, file: string) {
    this.file = file;
    this.#text = text;
    const [header = [], ...rows] = rowsOf(text, file);
    this.#names = header.map((name) => name.toLowerCase());
    this.#rows = rows;
    this.length = rows.length;
  }

  /** The same from a file, plain or gzip, or `-`. @throws TonsorError BAD_FILE */
  static read(path: string): Table {
    return new Table(readText(path, "a csv file, plain or gzip"), inputName(path));
  }

  /** Whether there is such a column. */
  has(name: string): boolean {
    return this.#names.includes(name);
  }

  /** The first of the names that is a column. @throws TonsorError BAD_FILE naming the header and what was expected */
  column(...names: readonly string[]): string {
    const found = names.find((name) => this.has(name));
    const given = this.#names.slice(0, 20).join(",");
    const facts = { field: "header", given, expected: `a column ${names.join(" or ")}` };
    if (found === undefined) throw new TonsorError("BAD_FILE", `${this.file} lacks a column`, facts);
    if (this.#names.indexOf(found) === this.#names.lastIndexOf(found)) return found;
    throw new TonsorError("BAD_FILE", `${this.file} has a column twice`, { ...facts, expected: `one column ${found}` });
  }

  /** Cells of a column by row, trimmed. */
  cells(name: string): readonly string[] {
    const at = this.#names.indexOf(name);
    return this.#rows.map((row) => row[at] ?? "");
  }

  /** Finite numbers of a column for which `fits` holds. @throws TonsorError BAD_FILE naming file, row, column and value */
  numbers(name: string, expected: string, fits: (value: number) => boolean): Float64Array {
    const values = this.numbersOrEmpty(name, expected, fits);
    return Float64Array.from(values, (value, row) => value ?? this.refuse(row, name, expected));
  }

  /** The same where cells may be empty: null there. */
  numbersOrEmpty(name: string, expected: string, fits: (value: number) => boolean): readonly (number | null)[] {
    return this.cells(name).map((cell, row) => {
      if (cell === "") return null;
      const value = NUMBER.test(cell) ? Number(cell) : Number.NaN;
      return Number.isFinite(value) && fits(value) ? value : this.refuse(row, name, expected);
    });
  }

  /** Times of a column, Unix seconds, in any order. @throws TonsorError BAD_FILE */
  times(name: string): Float64Array {
    const times = this.timesOrEmpty(name);
    return Float64Array.from(times, (time, row) => time ?? this.refuse(row, name, TIME_EXPECTED));
  }

  /** The same where cells may be empty: null there. */
  timesOrEmpty(name: string): readonly (number | null)[] {
    return this.cells(name).map((cell, row) => {
      if (cell === "") return null;
      const value = secondsOf(cell);
      if (Number.isFinite(value) && Math.abs(value) < MOST_SECONDS) return value;
      const tooFine = Number.isFinite(value) ? "; this counts in milliseconds or finer" : "";
      return this.refuse(row, name, `${TIME_EXPECTED}${tooFine}`);
    });
  }

  /** Refuses one cell; rows count from 0. @throws TonsorError BAD_FILE naming its line in the file */
  refuse(row: number, name: string, expected: string): never {
    const given = this.#rows[row]?.[this.#names.indexOf(name)];
    throw new TonsorError("BAD_FILE", `row ${this.#lineOf(row)} of ${this.file} cannot be used`, {
      field: name,
      ...{ given: given === "" ? "nothing" : given, expected },
    });
  }

  /** The line of a row, counted again only when it is asked for: empty lines are skipped. */
  #lineOf(row: number): number {
    const lines = parse(this.#text, { ...SHAPE, info: true }) as unknown as readonly { info: { lines: number } }[];
    return lines[row + 1]?.info.lines ?? row + 2;
  }
}

const SHAPE = { bom: true, skip_empty_lines: true, trim: true } as const;

function rowsOf(text: string, file: string): readonly (readonly string[])[] {
  const expected = "comma-separated values with one header line";
  const refuse = (given: string, wanted: string, cause?: unknown) =>
    new TonsorError("BAD_FILE", `${file} is no table`, { field: "file", given, expected: wanted }, cause);
  const start = text.trimStart()[0] ?? "";
  if ("{[<".includes(start)) throw refuse(`text that begins with ${start}`, expected);
  let rows: readonly (readonly string[])[];
  try {
    rows = parse(text, SHAPE);
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    if (cause.code !== "CSV_RECORD_INCONSISTENT_FIELDS_LENGTH") throw refuse(cause.message, expected, cause);
    const { lines, record } = cause as unknown as { readonly lines: number; readonly record: readonly string[] };
    const cells = parse(text, { ...SHAPE, to: 1 }) as unknown as readonly (readonly string[])[];
    const facts = { field: "row", given: record.join(","), expected: `${cells[0]?.length} cells, as the header has` };
    throw new TonsorError("BAD_FILE", `row ${lines} of ${file} cannot be used`, facts, cause);
  }
  if (rows.length < 2) throw refuse("no row below the header", expected);
  return rows;
}

/** Unix seconds of a cell, NaN where it holds no time. @example secondsOf("2024-01-01") // 1704067200 */
function secondsOf(cell: string): number {
  if (NUMBER.test(cell)) return Number(cell);
  const [, day, clock = "00:00", zone = "Z"] = TIME.exec(cell) ?? [];
  if (day === undefined) return Number.NaN;
  // Read back, for some days that do not exist are taken for the next month's.
  const midnight = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, 10) !== day) return Number.NaN;
  return Date.parse(`${day}T${clock}${zone}`) / 1_000;
}

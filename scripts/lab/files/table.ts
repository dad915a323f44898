import { TonsorError } from "../../../keeper/domain/errors.ts";
import { inputName, readText } from "./readText.ts";
import { type Records, recordsOf } from "./records.ts";

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
  readonly #names: readonly string[];
  readonly #records: Records;

  /** @throws TonsorError BAD_FILE when the text is no table or has no row */
  constructor(text: string, file: string) {
    this.file = file;
    this.#records = recordsOf(text, file);
    this.#names = this.#records.header.map((name) => name.toLowerCase());
    this.length = this.#records.length;
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
    return Array.from({ length: this.length }, (_, row) => this.#records.cell(row, at));
  }

  /** Finite numbers of a column for which `fits` holds. @throws TonsorError BAD_FILE naming file, row, column and value */
  numbers(name: string, expected: string, fits: (value: number) => boolean): Float64Array {
    return this.#column(name, (cell, row) => this.#number(cell, row, name, expected, fits));
  }

  /** The same where cells may be empty: null there. */
  numbersOrEmpty(name: string, expected: string, fits: (value: number) => boolean): readonly (number | null)[] {
    return this.cells(name).map((cell, row) => {
      return cell === "" ? null : this.#number(cell, row, name, expected, fits);
    });
  }

  /** Times of a column, Unix seconds, in any order. @throws TonsorError BAD_FILE */
  times(name: string): Float64Array {
    return this.#column(name, (cell, row) => this.#time(cell, row, name));
  }

  /** The same where cells may be empty: null there. */
  timesOrEmpty(name: string): readonly (number | null)[] {
    return this.cells(name).map((cell, row) => (cell === "" ? null : this.#time(cell, row, name)));
  }

  /** Refuses one cell; rows count from 0. @throws TonsorError BAD_FILE naming its line in the file */
  refuse(row: number, name: string, expected: string): never {
    const given = this.#records.cell(row, this.#names.indexOf(name));
    throw new TonsorError("BAD_FILE", `row ${this.#records.line(row)} of ${this.file} cannot be used`, {
      field: name,
      ...{ given: given === "" ? "nothing" : given, expected },
    });
  }

  #column(name: string, value: (cell: string, row: number) => number): Float64Array {
    const [at, values] = [this.#names.indexOf(name), new Float64Array(this.length)];
    for (let row = 0; row < this.length; row += 1) values[row] = value(this.#records.cell(row, at), row);
    return values;
  }

  #number(cell: string, row: number, name: string, expected: string, fits: (value: number) => boolean): number {
    const value = NUMBER.test(cell) ? Number(cell) : Number.NaN;
    return Number.isFinite(value) && fits(value) ? value : this.refuse(row, name, expected);
  }

  #time(cell: string, row: number, name: string): number {
    const value = secondsOf(cell);
    if (Number.isFinite(value) && Math.abs(value) < MOST_SECONDS) return value;
    const tooFine = Number.isFinite(value) ? "; this counts in milliseconds or finer" : "";
    return this.refuse(row, name, `${TIME_EXPECTED}${tooFine}`);
  }
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

import { parse } from "csv-parse/sync";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import type { OptionBoard, OptionQuote } from "../../../keeper/domain/observation.ts";
import { sourceName } from "../../../keeper/domain/sourceNames.ts";
import { parseInstrument } from "../../../keeper/venues/optionNames.ts";

/** Columns that must be there, and what their cells hold. */
const COLUMNS = {
  ts: "a time such as 2026-02-05T21:29:37Z",
  instrument: 'an option name such as "ETH-27FEB26-3000-C"',
  forward: "the forward of the expiry in USD, a number > 0",
  index: "the spot index in USD, a number > 0",
  bid: "a price in coin, or empty",
  ask: "a price in coin, or empty",
  mark: "a price in coin",
  iv: "mark implied volatility as a fraction (0.62 for 62 %), or empty",
  oi: "open interest in coin, or empty",
} as const;

type Column = keyof typeof COLUMNS;
type Row = Readonly<Partial<Record<Column, string>>>;

/**
 * The boards of a table with one row for each option and snapshot, one board for each time and currency, ascending.
 * `file` is only for messages.
 * @throws TonsorError BAD_FILE naming row, column, value and what the column holds.
 */
export function parseChainCsv(text: string, file: string): readonly OptionBoard[] {
  const rows = parseTable(text, file);
  const missing = (Object.keys(COLUMNS) as Column[]).filter((column) => rows[0]?.[column] === undefined);
  if (missing.length > 0) {
    throw new TonsorError("BAD_FILE", `${file} lacks columns`, {
      field: missing.join(", "),
      given: Object.keys(rows[0] ?? {}),
      expected: `a header with ${Object.keys(COLUMNS).join(",")}`,
    });
  }
  const boards = new Map<string, { time: number; currency: string; indexUsd: number; quotes: OptionQuote[] }>();
  for (const [i, row] of rows.entries()) {
    const cell = new Cells(row, i + 2, file);
    const instrument = parseInstrument(cell.text("instrument"));
    if (instrument === null) return cell.refuse("instrument");
    const key = `${row.ts} ${instrument.currency}`;
    const { currency, ...option } = instrument;
    const board = boards.get(key) ?? { time: cell.time("ts"), currency, indexUsd: cell.positive("index"), quotes: [] };
    boards.set(key, board);
    board.quotes.push({
      instrument: cell.text("instrument"),
      ...option,
      bidCoin: cell.numberOrNull("bid"),
      askCoin: cell.numberOrNull("ask"),
      markCoin: cell.numberOrNull("mark") ?? cell.refuse("mark"),
      markIv: cell.numberOrNull("iv"),
      forwardUsd: cell.positive("forward"),
      openInterest: cell.numberOrNull("oi") ?? 0,
    });
  }
  return [...boards.values()]
    .sort((left, right) => left.time - right.time || (left.currency < right.currency ? -1 : 1))
    .map(({ time, currency, indexUsd, quotes }) => {
      return {
        kind: "optionBoard",
        source: sourceName.board(currency, "file"),
        currency,
        eventTime: time,
        indexUsd,
        quotes,
      };
    });
}

function parseTable(text: string, file: string): readonly Row[] {
  try {
    return parse(text, { columns: true, skip_empty_lines: true, trim: true, bom: true });
  } catch (cause) {
    const given = cause instanceof Error ? cause.message : cause;
    throw new TonsorError("BAD_FILE", `${file} is not a table`, { given, expected: "comma-separated values" }, cause);
  }
}

/** Reads the cells of one row; refuses with row, column and value. */
class Cells {
  readonly #row: Row;
  readonly #line: number;
  readonly #file: string;

  constructor(row: Row, line: number, file: string) {
    this.#row = row;
    this.#line = line;
    this.#file = file;
  }

  text(column: Column): string {
    return this.#row[column] ?? "";
  }

  numberOrNull(column: Column): number | null {
    const cell = this.text(column);
    if (cell === "") return null;
    const value = Number(cell);
    return Number.isFinite(value) && value >= 0 ? value : this.refuse(column);
  }

  positive(column: Column): number {
    const value = this.numberOrNull(column);
    return value !== null && value > 0 ? value : this.refuse(column);
  }

  /** Unix seconds; a time without zone is UTC. */
  time(column: Column): number {
    const cell = this.text(column);
    const value = Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/.test(cell) ? cell : `${cell}Z`);
    return Number.isNaN(value) ? this.refuse(column) : Math.floor(value / 1000);
  }

  refuse(column: Column): never {
    throw new TonsorError("BAD_FILE", `${this.#file}, line ${this.#line}`, {
      field: column,
      given: this.text(column),
      expected: COLUMNS[column],
    });
  }
}

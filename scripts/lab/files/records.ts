import { CsvError, parse } from "csv-parse/sync";
import { TonsorError } from "../../../keeper/domain/errors.ts";

const EXPECTED = "comma-separated values with one header line";
const SHAPE = { bom: true, skip_empty_lines: true, trim: true, info: true } as const;
const LINE_END = /\r\n|\n|\r/g;

/** Rows of a csv text below its header, which count from 0; all are as wide as the header. */
export type Records = {
  readonly header: readonly string[];
  readonly length: number;
  /** One cell, trimmed. */
  cell(row: number, at: number): string;
  /** The line of the file on which a row is, the header's being 1 where nothing stands before it. */
  line(row: number): number;
};

/**
 * The rows of a csv text: any line end, empty lines skipped, a byte-order mark taken off.
 * @throws TonsorError BAD_FILE naming the first row of another width, or why it is no table
 */
export function recordsOf(text: string, file: string): Records {
  const start = text.trimStart()[0] ?? "";
  if ("{[<".includes(start)) throw noTable(file, "file", `text that begins with ${start}`);
  const [header = ""] = /[^\r\n]*/.exec(text.trimStart()) ?? [];
  if (!header.includes(",") && /[;\t|]/.test(header)) {
    throw noTable(file, "header", header, `${EXPECTED}, a point in decimals`);
  }
  const records = text.includes('"') ? quotedRecords(text, file) : plainRecords(text, file);
  if (records.length === 0) throw noTable(file, "file", "no row below the header");
  return records;
}

function noTable(file: string, field: string, given: string, expected: string = EXPECTED, cause?: unknown) {
  return new TonsorError("BAD_FILE", `${file} is no table`, { field, given, expected }, cause);
}

function otherWidth(file: string, line: number, given: string, width: number, cause?: unknown) {
  const facts = { field: "row", given, expected: `${width} cell${width === 1 ? "" : "s"}, as the header has` };
  return new TonsorError("BAD_FILE", `row ${line} of ${file} cannot be used`, facts, cause);
}

/** Without quotes a cell is cut out of the text when it is asked for: minutes of years take little more than their text. */
function plainRecords(text: string, file: string): Records {
  const bounds: number[] = [];
  let width = 0;
  const add = (from: number, to: number) => {
    const line = text.slice(from, to);
    if (line.trim() === "") return;
    let cells = 1;
    for (let at = line.indexOf(","); at !== -1; at = line.indexOf(",", at + 1)) cells += 1;
    if (bounds.length === 0) width = cells;
    if (cells !== width) throw otherWidth(file, lineAt(text, from), line.trim(), width);
    bounds.push(from, to);
  };
  let from = 0;
  for (const { 0: end, index } of text.matchAll(LINE_END)) {
    add(from, index);
    from = index + end.length;
  }
  add(from, text.length);
  const cell = (row: number, at: number) => {
    let [begin, end] = [bounds[2 * row + 2] as number, bounds[2 * row + 3] as number];
    for (let skipped = 0; skipped < at; skipped += 1) begin = text.indexOf(",", begin) + 1;
    const comma = text.indexOf(",", begin);
    if (comma !== -1 && comma < end) end = comma;
    return text.slice(begin, end).trim();
  };
  return {
    header: text
      .slice(bounds[0], bounds[1])
      .split(",")
      .map((name) => name.trim()),
    length: Math.max(0, bounds.length / 2 - 1),
    cell,
    line: (row) => lineAt(text, bounds[2 * row + 2] as number),
  };
}

/** The line, counted from 1, on which a character is. */
function lineAt(text: string, at: number): number {
  return (text.slice(0, at).match(LINE_END)?.length ?? 0) + 1;
}

function quotedRecords(text: string, file: string): Records {
  try {
    const parsed = parse(text, SHAPE) as unknown as readonly {
      readonly record: readonly string[];
      readonly info: { readonly lines: number };
    }[];
    return {
      header: parsed[0]?.record ?? [],
      length: parsed.length - 1,
      cell: (row, at) => parsed[row + 1]?.record[at] ?? "",
      line: (row) => parsed[row + 1]?.info.lines ?? row + 2,
    };
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    if (cause.code !== "CSV_RECORD_INCONSISTENT_FIELDS_LENGTH") {
      throw noTable(file, "file", cause.message, EXPECTED, cause);
    }
    const { lines, record } = cause as unknown as { readonly lines: number; readonly record: readonly string[] };
    const [first] = parse(text, { ...SHAPE, to: 1 }) as unknown as readonly { readonly record: readonly string[] }[];
    throw otherWidth(file, lines, record.join(","), first?.record.length ?? 0, cause);
  }
}

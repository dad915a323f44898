import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DAY_SECONDS } from "../../../keeper/domain/calendar.ts";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import { Table } from "../files/table.ts";

/** Spans of time, [from, to) in Unix seconds. */
export type Spans = readonly (readonly [from: number, to: number])[];

const DAY = /\d{4}-\d{2}-\d{2}/.source;

/**
 * Spans that a data folder withholds on purpose. They are not outages: a replay ends before one and another starts after it,
 * so that nothing recorded before a span is shown as the present after it. The folder says so itself: in `withheld.csv`
 * (columns from and to, see `Table.times`; `to` is excluded, and empty where the span is open), else in the line of its
 * PROVENANCE.md that has the words "withheld on purpose" (2022-11-01..2022-11-30, last day included; "everything from
 * 2026-04-16 on"), else nothing is withheld.
 * @throws TonsorError BAD_FILE naming file, row, column and value, or a statement without a span
 */
export function withheldIn(folder: string): Spans {
  const [csv, page] = [join(folder, "withheld.csv"), join(folder, "PROVENANCE.md")];
  if (existsSync(csv)) return spansOf(Table.read(csv));
  return existsSync(page) ? statedSpans(readFileSync(page, "utf8"), page) : [];
}

/** True when no withheld time lies in [from, to]: both belong to one unbroken run. */
export function sameRun(withheld: Spans, from: number, to: number): boolean {
  return withheld.every(([start, end]) => to < start || from >= end);
}

function spansOf(table: Table): Spans {
  const starts = table.times(table.column("from"));
  const ends = table.timesOrEmpty(table.column("to"));
  return Array.from(starts, (from, row) => {
    const to = ends[row] ?? Number.POSITIVE_INFINITY;
    return to > from ? [from, to] : table.refuse(row, "to", "a time after that of `from`, or nothing");
  });
}

function statedSpans(text: string, file: string): Spans {
  const statement = text.split("\n").find((line) => line.includes("withheld on purpose"));
  if (statement === undefined) return [];
  const start = (day: string) => Date.parse(`${day}T00:00:00Z`) / 1_000;
  const closed = [...statement.matchAll(new RegExp(`(${DAY})\\.\\.(${DAY})`, "g"))].map(
    ([, from = "", to = ""]) => [start(from), start(to) + DAY_SECONDS] as const,
  );
  const open = [...statement.matchAll(new RegExp(`everything from (${DAY}) on`, "g"))].map(
    ([, from = ""]) => [start(from), Number.POSITIVE_INFINITY] as const,
  );
  const spans = [...closed, ...open];
  if (spans.length > 0 && spans.every(([from, to]) => from < to)) return spans;
  throw new TonsorError("BAD_FILE", `${file} does not say what is withheld`, {
    ...{ field: "withheld on purpose", given: statement.slice(0, 60) },
    expected: "spans as 2022-11-01..2022-11-30 or `everything from 2026-04-16 on`, or a file withheld.csv",
  });
}

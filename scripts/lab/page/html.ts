import { tableCsv } from "./csv.ts";
import { escaped } from "./format.ts";

/** A cell: text, or text that is emphasised, or marked good or bad. */
export type Cell = string | { readonly text: string; readonly mark: "good" | "bad" | "strong" | "quiet" };

/** Tables with more columns than this become one card a row where the screen is narrow. */
const MOST_NARROW_COLUMNS = 3;

/** Where `section` puts the name of a table's csv. */
const UNNAMED = "table.csv";

/**
 * A table with its csv, which is in the page itself. The first column is text, the others numbers. On a narrow screen each row of a
 * wide table becomes a card with the heads beside the values.
 */
export function table(headers: readonly string[], rows: readonly (readonly Cell[])[], caption?: string): string {
  const cards = headers.length > MOST_NARROW_COLUMNS;
  const head = headers.map((header) => `<th scope="col">${escaped(header)}</th>`).join("");
  const body = rows
    .map((row) => `<tr>${row.map((cell, n) => cellOf(cell, n === 0, cards ? headers[n] : undefined)).join("")}</tr>`)
    .join("\n");
  const title = caption === undefined ? "" : `<caption>${escaped(caption)}</caption>`;
  const texts = rows.map((row) => row.map((cell) => (typeof cell === "string" ? cell : cell.text)));
  const csv = encodeURIComponent(tableCsv(headers, texts));
  const link = `<a class="csv" download="${UNNAMED}" href="data:text/csv;charset=utf-8,${csv}">csv</a>`;
  const name = cards ? ' class="cards"' : "";
  return `<div class="table"><table${name}>${title}<thead><tr>${head}</tr></thead><tbody>\n${body}\n</tbody></table>${link}</div>`;
}

function cellOf(cell: Cell, first: boolean, head: string | undefined): string {
  const text = escaped(typeof cell === "string" ? cell : cell.text).replaceAll(/(?<=\d) (?=%|\d)/g, "\u00a0");
  const mark = typeof cell === "string" ? "" : ` class="${cell.mark}"`;
  const beside = head === undefined || head === "" ? "" : ` data-head="${escaped(head)}"`;
  return first ? `<th scope="row"${mark}${beside}>${text}</th>` : `<td${mark}${beside}>${text}</td>`;
}

/** A section with an anchor; `body` is HTML. Its tables' csv files are named after it and counted. */
export function section(id: string, title: string, ...body: readonly string[]): string {
  let tables = 0;
  const named = body.join("\n").replaceAll(`download="${UNNAMED}"`, () => `download="${id}-${++tables}.csv"`);
  return `<section id="${id}"><h2>${escaped(title)}</h2>\n${named}\n</section>`;
}

/** The csv of every table of a page, by file name. */
export function csvFilesOf(page: string): readonly (readonly [name: string, text: string])[] {
  const links = page.matchAll(/download="([^"]+)" href="data:text\/csv;charset=utf-8,([^"]*)"/g);
  return Array.from(links, ([, name = "", text = ""]) => [name, decodeURIComponent(text)] as const);
}

/** A paragraph of plain text. */
export function paragraph(text: string): string {
  return `<p>${escaped(text)}</p>`;
}

/** A list of plain texts. */
export function list(items: readonly string[]): string {
  return `<ul>${items.map((item) => `<li>${escaped(item)}</li>`).join("")}</ul>`;
}

/** Something that opens on a click. */
export function details(summary: string, body: string): string {
  return `<details><summary>${escaped(summary)}</summary>${body}</details>`;
}

/** A chart with its caption, drawn once for a wide and once for a narrow screen so that letters keep their size. */
export function figure(caption: string, draw: (width: number) => string): string {
  return (
    `<figure><div class="wide">${draw(1000)}</div><div class="narrow">${draw(350)}</div>` +
    `<figcaption>${escaped(caption)}</figcaption></figure>`
  );
}

import { escaped } from "./format.ts";

/** A cell: text, or text that is emphasised, or marked good or bad. */
export type Cell = string | { readonly text: string; readonly mark: "good" | "bad" | "strong" | "quiet" };

/** A table that scrolls sideways on a narrow screen. The first column is text, the others numbers. */
export function table(headers: readonly string[], rows: readonly (readonly Cell[])[], caption?: string): string {
  const head = headers.map((header) => `<th scope="col">${escaped(header)}</th>`).join("");
  const body = rows.map((row) => `<tr>${row.map((cell, n) => cellOf(cell, n === 0)).join("")}</tr>`).join("\n");
  const title = caption === undefined ? "" : `<caption>${escaped(caption)}</caption>`;
  return `<div class="scroll" tabindex="0"><table>${title}<thead><tr>${head}</tr></thead><tbody>\n${body}\n</tbody></table></div>`;
}

function cellOf(cell: Cell, first: boolean): string {
  const text = escaped(typeof cell === "string" ? cell : cell.text);
  const mark = typeof cell === "string" ? "" : ` class="${cell.mark}"`;
  return first ? `<th scope="row"${mark}>${text}</th>` : `<td${mark}>${text}</td>`;
}

/** A section with an anchor; `body` is HTML. */
export function section(id: string, title: string, ...body: readonly string[]): string {
  return `<section id="${id}"><h2>${escaped(title)}</h2>\n${body.join("\n")}\n</section>`;
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

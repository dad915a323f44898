import { readFileSync } from "node:fs";
import { extname } from "node:path";
import { Marked, Renderer } from "marked";

/** A page's content as HTML. */
export type Rendered = { readonly title: string; readonly html: string; readonly headings: readonly Heading[] };
type Heading = { readonly depth: number; readonly id: string; readonly text: string };

/** What a link of the page means. */
type Links = {
  /** Where it leads, from the page. */
  placeOf(link: string): string;
  /** The file it names. */
  fileOf(link: string): string;
};

export const IMAGES: Readonly<Record<string, string>> = { ".svg": "image/svg+xml", ".png": "image/png" };

/** HTML of text. @example escaped("a < b") === "a &lt; b" */
export function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

/** Text of HTML, without its tags. */
export function plain(html: string): string {
  const text = html
    .replaceAll(/<[^>]*>/g, "")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">");
  return text.replaceAll("&quot;", '"').replaceAll("&#39;", "'").replaceAll("&amp;", "&");
}

/**
 * Markdown as GitHub shows it, headings with GitHub's anchors; images become part of the page, and HTML is shown as text.
 */
export function renderPage(text: string, links: Links): Rendered {
  const headings: Heading[] = [];
  const renderer = new Renderer();
  const marked = new Marked({
    renderer: {
      heading({ tokens, depth }) {
        const inner = this.parser.parseInline(tokens);
        const id = anchorOf(plain(inner), headings);
        headings.push({ depth, id, text: plain(inner) });
        return `<h${depth} id="${id}">${inner} <a class="anchor" href="#${id}" aria-label="link to this heading">#</a></h${depth}>\n`;
      },
      link({ href, tokens }) {
        const to = /^(?:[a-z]+:|#)/.test(href) ? href : links.placeOf(href);
        return `<a href="${escaped(to)}">${this.parser.parseInline(tokens)}</a>`;
      },
      image({ href, text: alt }) {
        const file = links.fileOf(href);
        const data = readFileSync(file).toString("base64");
        return `<span class="wide" role="region" aria-label="picture" tabindex="0"><img alt="${escaped(alt)}" src="data:${IMAGES[extname(file)]};base64,${data}"></span>`;
      },
      table(token) {
        renderer.parser = this.parser;
        return `<div class="wide" role="region" aria-label="table" tabindex="0">${renderer.table(token)}</div>\n`;
      },
      code: ({ text: code, lang }) =>
        `<pre class="${escaped(lang ?? "")}" role="region" aria-label="code" tabindex="0"><code>${escaped(code)}\n</code></pre>\n`,
      html: ({ text: html }) => escaped(html),
    },
  });
  const html = marked.parser(marked.lexer(text)); // `parse` would add a line of its own to errors
  return { title: headings[0]?.text ?? "", html, headings };
}

/** GitHub's anchor of a heading, counted where one like it came before. @example anchorOf("Gas, and `why`", []) === "gas-and-why" */
function anchorOf(text: string, before: readonly Heading[]): string {
  const id = text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, "")
    .replaceAll(" ", "-");
  const taken = (one: string) => before.some((heading) => heading.id === one);
  if (!taken(id)) return id;
  let count = 1;
  while (taken(`${id}-${count}`)) count++;
  return `${id}-${count}`;
}

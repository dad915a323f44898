import { readFileSync } from "node:fs";
import { dirname, relative } from "node:path/posix";
import { VERSION } from "../../keeper/io/version.ts";
import { escaped, plain, type Rendered } from "./render.ts";
import type { Path } from "./site.ts";

const own = (name: string) => readFileSync(new URL(name, import.meta.url), "utf8");

/**
 * A whole page around its content.
 * @param source the file that it is made of
 * @param place its path in the site
 */
export function framed(
  source: string,
  place: string,
  page: Rendered,
  steps: readonly { readonly at: number; readonly way: Path }[],
): string {
  const to = (other: string) => relative(dirname(place), other);
  const toc = page.headings.filter(({ depth }) => depth === 2);
  const link = (way: Path, at: number, word: string) => {
    const page = way.pages[at];
    return page === undefined ? "" : ` ${word}: <a href="${to(page.place)}">${page.says}</a>.`;
  };
  const foot = steps.map(
    ({ at, way }) =>
      `<p>${way.title}, ${at + 1} of ${way.pages.length}.${link(way, at + 1, "Next")}${link(way, at - 1, "Before")}</p>`,
  );
  return document(page.title, to, "", [
    toc.length < 2
      ? ""
      : `<details class="toc"><summary>On this page</summary><nav aria-label="On this page"><ul>${toc.map(({ id, text }) => `<li><a href="#${id}">${escaped(text)}</a></li>`).join("")}</ul></nav></details>`,
    `<main id="content">${page.html}</main>`,
    `<footer>${foot.join("")}<p>Tonsor ${VERSION}, made of <code>${source}</code></p></footer>`,
  ]);
}

/** The search: every section of every page, and the script that looks through them. */
export function searchPage(pages: readonly (readonly [place: string, page: Rendered])[]): string {
  const sections = pages.flatMap(([place, page]) =>
    page.html.split(/(?=<h[1-6] id=)/).map((part) => {
      const id = /^<h[1-6] id="([^"]*)"/.exec(part)?.[1];
      const [head = "", ...rest] = plain(part).replaceAll(/\s+#$/gm, "").trim().split("\n");
      return [id === undefined ? place : `${place}#${id}`, page.title, head, rest.join(" ").replaceAll(/\s+/g, " ")];
    }),
  );
  // "</script>" in a page must not end this one's.
  const data = JSON.stringify(sections).replaceAll("<", "\\u003c");
  return document("Search", (place) => place, "; script-src 'unsafe-inline'", [
    `<main id="content"><h1>Search</h1><p id="count" role="status">Every word must occur in a section.</p><ol id="found"></ol></main>`,
    `<script>const SECTIONS = ${data};\n${own("search.js")}</script>`,
  ]);
}

/** Nothing is fetched: the policy allows what is in the page itself. */
function document(title: string, to: (place: string) => string, policy: string, body: readonly string[]): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'${policy}">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)} - Tonsor</title>
<style>${own("style.css")}</style>
</head>
<body>
<a class="skip" href="#content">Skip to content</a>
<header><nav aria-label="Site"><a href="${to("index.html")}">Tonsor</a> <a href="${to("CONCEPTS.html")}">Concepts</a> <a href="${to("README.html")}">Overview</a></nav>
<form role="search" action="${to("search.html")}"><input type="search" name="q" aria-label="Search these pages" placeholder="Search" required></form></header>
${body.join("\n")}
</body>
</html>
`;
}

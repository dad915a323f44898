import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

type Asset = { readonly type: string; readonly read: () => Promise<Uint8Array> };

const HTML = "text/html; charset=utf-8";
const CSS = "text/css; charset=utf-8";
const SCRIPT = "text/javascript; charset=utf-8";

const page = fileURLToPath(new URL("./page/", import.meta.url));
const uplot = dirname(createRequire(import.meta.url).resolve("uplot"));

/** Scripts of the page, by file name. */
const SCRIPTS = [
  ...[
    "annotations",
    "api",
    "app",
    "chartLines",
    "chartOptions",
    "charts",
    "dom",
    "format",
    "markets",
    "overview",
    "state",
  ],
  ...["tables", "timeline", "tooltip", "waterfall", "zoom"],
];

/** Every file the page may load, by URL path: a closed list, so no path from outside ever reaches the file system. */
export const ASSETS: ReadonlyMap<string, Asset> = new Map([
  ["/", file(HTML, page, "index.html")],
  ["/assets/style.css", file(CSS, page, "style.css")],
  ["/assets/layout.css", file(CSS, page, "layout.css")],
  ["/assets/markets.css", file(CSS, page, "markets.css")],
  ["/assets/narrow.css", file(CSS, page, "narrow.css")],
  ["/assets/icon.svg", file("image/svg+xml", page, "icon.svg")],
  ["/assets/uPlot.css", file(CSS, uplot, "uPlot.min.css")],
  ["/assets/uPlot.js", file(SCRIPT, uplot, "uPlot.iife.min.js")],
  ...SCRIPTS.map((name) => [`/assets/${name}.js`, file(SCRIPT, page, `${name}.js`)] as const),
]);

function file(type: string, folder: string, name: string): Asset {
  return { type, read: () => readFile(join(folder, name)) };
}

import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";

type Asset = { readonly type: string; readonly read: () => Promise<Uint8Array> };

const page = fileURLToPath(new URL("./page/", import.meta.url));
const uplot = dirname(createRequire(import.meta.url).resolve("uplot"));

/** Files that the page loads, by the end of their name. */
const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** Every file the page may load, by URL path: a list closed at the start, so no path from outside ever reaches the file system. */
export const ASSETS: ReadonlyMap<string, Asset> = new Map([
  ["/", file(page, "index.html", "text/html; charset=utf-8")],
  ...readdirSync(page).flatMap((name) =>
    extname(name) in TYPES ? [[`/assets/${name}`, file(page, name)] as const] : [],
  ),
  ["/assets/uPlot.css", file(uplot, "uPlot.min.css")],
  ["/assets/uPlot.js", file(uplot, "uPlot.iife.min.js")],
]);

function file(folder: string, name: string, type = TYPES[extname(name)] ?? ""): Asset {
  return { type, read: () => readFile(join(folder, name)) };
}

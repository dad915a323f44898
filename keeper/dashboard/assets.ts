import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, extname } from "node:path";
import { fileURLToPath } from "node:url";
import type { AnyRoute } from "../io/routes.ts";

const page = fileURLToPath(new URL("./page/", import.meta.url));
const uplot = dirname(createRequire(import.meta.url).resolve("uplot"));

/** Files that the page loads, by the end of their name. */
const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** The page and every file it may load: a list closed at the start, so no path from outside ever reaches the file system. */
export const ASSETS: readonly AnyRoute[] = [
  { ...file("/", `${page}index.html`, "text/html; charset=utf-8"), summary: "The status page" },
  ...readdirSync(page)
    .filter((name) => extname(name) in TYPES)
    .map((name) => file(`/assets/${name}`, page + name)),
  file("/assets/uPlot.css", `${uplot}/uPlot.min.css`),
  file("/assets/uPlot.js", `${uplot}/uPlot.iife.min.js`),
];

function file(path: string, from: string, type = TYPES[extname(from)] ?? ""): AnyRoute {
  const returns = type.split(";")[0] ?? "";
  return { method: "GET", path, returns, answer: async () => ({ status: 200, type, body: await readFile(from) }) };
}

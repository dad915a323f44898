/**
 * `npm run docs`: a website of the pages beside the code and of the contracts' NatSpec, in `reports/docs`. It opens from disk
 * and from any static host, asks no network, and each page is one file. Draws the pictures of CONCEPTS.md first.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { pictures } from "./pictures.ts";
import { buildSite } from "./site.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = join(root, "reports", "docs");

for (const [name, picture] of pictures()) writeFileSync(new URL(name, import.meta.url), picture);
const site = buildSite(root);
rmSync(folder, { recursive: true, force: true });
for (const [name, content] of site) {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), content);
}
console.log(`${site.size} pages  ${pathToFileURL(join(folder, "index.html"))}`);

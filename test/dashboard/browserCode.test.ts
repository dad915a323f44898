import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { ASSETS } from "../../keeper/dashboard/assets.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const page = `${root}keeper/dashboard/page`;

test("the browser's code type-checks against the status types and the DOM", () => {
  const { status, stdout } = spawnSync(`${root}node_modules/.bin/tsc`, ["-p", page], { encoding: "utf8" });
  assert.equal(status, 0, stdout);
});

test("every file of the page is served, and every served file is there", async () => {
  const served = ASSETS.map(({ path }) => (path === "/" ? "index.html" : path.replace("/assets/", "")));
  for (const file of readdirSync(page).filter((name) => name !== "tsconfig.json"))
    assert.ok(served.includes(file), file);
  for (const { path, answer } of ASSETS) {
    const { body } = await answer({ values: {}, query: {}, body: undefined });
    assert.ok(body.length > 0, path);
  }
});

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { ASSETS } from "../../keeper/dashboard/assets.ts";
import { tokens } from "../../keeper/dashboard/page/format.js";
import { limitOf, NO_LIMIT, tokensOf } from "../../keeper/domain/contract.ts";

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

test("the page says of a market without limit that it has none, and writes the limit below it as a number", () => {
  assert.equal(tokens(Number(tokensOf(NO_LIMIT))), "no limit");
  assert.match(tokens(Number(tokensOf(NO_LIMIT - 1))), /^9\.4\de\+21$/);
  assert.equal(tokens(Number(tokensOf(limitOf(12_000)))), "12,000");
});

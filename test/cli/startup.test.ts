import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const PROGRAMS = ["keeper/main.ts", "scripts/lab/main.ts", "scripts/demo/main.ts"];

/** Packages reached by static imports from a file; `import type` and `import()` cost nothing at start. */
function packages(file: string, seen = new Set<string>()): Set<string> {
  const found = new Set<string>();
  if (seen.has(file) || !existsSync(file)) return found;
  seen.add(file);
  const source = readFileSync(file, "utf8");
  for (const [, specifier = ""] of source.matchAll(/^(?:import|export)\s+(?!type\b)[^"';]*?from\s+"([^"]+)"/gm)) {
    if (!specifier.startsWith(".")) found.add(specifier);
    else for (const name of packages(join(dirname(file), specifier), seen)) found.add(name);
  }
  return found;
}

for (const main of PROGRAMS) {
  test(`${main} starts on commander and node alone; whatever is heavy is imported by the command that needs it`, () => {
    const file = fileURLToPath(new URL(`../../${main}`, import.meta.url));
    const heavy = [...packages(file)].filter((name) => !name.startsWith("node:"));
    assert.deepEqual(heavy, ["commander"]);
  });
}

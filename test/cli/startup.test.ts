import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("../../keeper/cli/program.ts", import.meta.url));

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

test("the program starts on commander and node alone; whatever is heavy is imported by the command that needs it", () => {
  const heavy = [...packages(program)].filter((name) => !name.startsWith("node:"));
  assert.deepEqual(heavy, ["commander"]);
});

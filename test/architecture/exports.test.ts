import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { exportsOf, importsOf, named, root, sourcesIn } from "./sources.ts";

/** Exports of `keeper/` and `scripts/` that no file outside `test/` imports, as "file name". */
function unused(): readonly string[] {
  const files = [...sourcesIn("keeper"), ...sourcesIn("scripts"), join(root, "hardhat.config.ts")];
  const used = new Map<string, Set<string> | null>();
  for (const { target, names } of files.flatMap(importsOf)) {
    const known = used.get(target);
    if (known === null) continue;
    if (names === null) used.set(target, null);
    else used.set(target, new Set([...(known ?? []), ...names]));
  }
  // What packages export is for those who install them.
  const ours = files.filter((file) => !named(file).startsWith("scripts/packages/"));
  return ours.flatMap((file) => {
    const names = used.get(file);
    if (names === null) return [];
    return exportsOf(file).flatMap((name) => (names?.has(name) ? [] : [`${named(file)} ${name}`]));
  });
}

test("every export has an importer outside test/: what only tests use is tested through what uses it", () => {
  assert.deepEqual(unused(), [], "un-export it, wire it or delete it");
});

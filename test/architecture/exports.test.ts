import assert from "node:assert/strict";
import { test } from "node:test";
import { exportsOf, importsOf, named, sourcesIn } from "./sources.ts";
import { STILL_EXPORTED } from "./stillExported.ts";

/** Exports of `keeper/` and `scripts/` that no file outside `test/` imports, as "file name". */
function unused(): readonly string[] {
  const files = [...sourcesIn("keeper"), ...sourcesIn("scripts")];
  const used = new Map<string, Set<string> | null>();
  for (const { target, names } of files.flatMap(importsOf)) {
    const known = used.get(target);
    if (known === null) continue;
    if (names === null) used.set(target, null);
    else used.set(target, new Set([...(known ?? []), ...names]));
  }
  return files.flatMap((file) => {
    const names = used.get(file);
    if (names === null) return [];
    return exportsOf(file).flatMap((name) => (names?.has(name) ? [] : [`${named(file)} ${name}`]));
  });
}

test("every export has an importer outside test/: what only tests use is tested through what uses it", () => {
  const found = unused().filter((one) => !STILL_EXPORTED.includes(one));
  assert.deepEqual(found, [], "un-export it, wire it or delete it");
});

test("the list of exports that are still without an importer only shrinks", () => {
  const found = new Set(unused());
  assert.deepEqual(
    STILL_EXPORTED.filter((one) => !found.has(one)),
    [],
    "take it off test/architecture/stillExported.ts",
  );
});

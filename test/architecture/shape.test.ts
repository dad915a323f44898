import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { importsOf, named, roomOf, sourcesIn } from "./sources.ts";

/** So many pairs of rooms, one of which imports the other, keep the house easy to hold in mind. */
const MOST_ARROWS = 90;

/** Functions of a file at its top level and methods of its classes, with their lengths in lines. */
function functionsOf(file: string): readonly { readonly name: string; readonly lines: number }[] {
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.flatMap((line, at) => {
    const head =
      /^(?:export )?(?:async )?function\*? (\w+)|^(?:export )?const (\w+) = (?:async )?\(/.exec(line) ??
      /^ {2}(?:static |async |get |set )*(#?\w+)(?:<.*>)?\(/.exec(line);
    if (head === null || !/[({]$/.test(line) || /^ {2}(?:if|for|while|switch)\b/.test(line)) return [];
    const margin = line.startsWith("  ") ? 2 : 0;
    const after = lines.slice(at + 1).map((later, i) => ({ later, lines: i + 2 }));
    // A line as far out as the first one ends the function, or its head; of a type's method it does neither.
    const end = after.find(({ later }) => later.search(/\S/) === margin && !/^ *\).*\{$/.test(later));
    return end !== undefined && /^ *\}[;)]?;?$/.test(end.later)
      ? [{ name: head[1] ?? head[2] ?? "", lines: end.lines }]
      : [];
  });
}

/** Files that import one another at run time, in circles; each circle once. */
function circles(files: readonly string[]): readonly string[] {
  const known = new Set(files);
  const next = new Map(
    files.map((file) => {
      const at = importsOf(file).filter(({ typeOnly, dynamic, target }) => !typeOnly && !dynamic && known.has(target));
      return [file, new Set(at.map(({ target }) => target))] as const;
    }),
  );
  // What nothing imports, or imports nothing, is in no circle: what is left when all such are taken away is.
  for (let before = -1; before !== next.size; ) {
    before = next.size;
    const imported = new Set([...next.values()].flatMap((targets) => [...targets]));
    for (const [file, targets] of next) {
      if ([...targets].some((target) => next.has(target)) && imported.has(file)) continue;
      next.delete(file);
    }
  }
  return [...next.keys()].map(named);
}

describe("the shape of the sources", () => {
  const files = sourcesIn("keeper");
  const scripts = sourcesIn("scripts");

  it("has no more arrows between its rooms than one can hold in mind", () => {
    const arrows = new Set(
      files.flatMap((file) => importsOf(file).map(({ target }) => `${roomOf(file)} -> ${roomOf(target)}`)),
    );
    const between = [...arrows].filter((arrow) => new Set(arrow.split(" -> ")).size === 2);
    assert.ok(between.length <= MOST_ARROWS, `${between.length} arrows, at most ${MOST_ARROWS}`);
  });

  it("imports nothing of scripts/ into keeper/", () => {
    const wrong = files.filter((file) => importsOf(file).some(({ target }) => named(target).startsWith("scripts/")));
    assert.deepEqual(wrong.map(named), []);
  });

  it("has no import circle at run time", () => {
    assert.deepEqual(circles([...files, ...scripts]), []);
  });

  it("has no function over 80 lines", () => {
    const long = [...files, ...scripts].flatMap((file) => {
      return functionsOf(file).flatMap(({ name, lines }) => (lines > 80 ? [`${named(file)} ${name}`] : []));
    });
    assert.deepEqual(long, [], "split it");
  });
});

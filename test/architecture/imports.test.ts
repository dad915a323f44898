import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, it } from "node:test";
import { drawRooms } from "../../scripts/checks/drawRooms.ts";
import { ROOMS } from "../../scripts/checks/rooms.ts";
import { codeOf, importsOf, roomOf, root, sourcesIn } from "./sources.ts";

const keeper = join(root, "keeper");
const PURE = Object.keys(ROOMS).filter((name) => ROOMS[name]?.pure === true);

/** What a pure folder must not contain: clock, randomness, environment, waiting, logging, I/O. */
const IMPURE =
  /\bDate\.now\b|\bnew Date\(\)|\bperformance\.|\bMath\.random\b|\bprocess\.|\bconsole\.|\basync\b|\bawait\b|\bsetTimeout\b|\bfetch\(|from "node:/;

describe("the house", () => {
  const files = sourcesIn("keeper");

  it("imports only what the table of scripts/checks/rooms.ts allows", () => {
    const wrong: string[] = [];
    for (const file of files) {
      const from = roomOf(file);
      const room = ROOMS[from];
      assert.ok(room !== undefined, `${relative(root, file)}: "${from}" has no row in the import table`);
      for (const { target, typeOnly, line } of importsOf(file)) {
        const to = roomOf(target);
        const fine = to === from || room.imports.includes(to) || (typeOnly && room.imports.includes(`type:${to}`));
        if (!fine) wrong.push(`${relative(root, file)} must not import ${to}: ${line}`);
      }
    }
    assert.deepEqual(wrong, []);
  });

  it("allows in that table only what is used", () => {
    const used = new Set<string>();
    for (const file of files) {
      for (const { target, typeOnly } of importsOf(file)) {
        used.add(`${roomOf(file)} -> ${typeOnly ? "type:" : ""}${roomOf(target)}`);
      }
    }
    const rows = Object.entries(ROOMS).flatMap(([from, { imports }]) => imports.map((to) => `${from} -> ${to}`));
    assert.deepEqual(
      rows.filter((row) => !used.has(row)),
      [],
    );
    assert.deepEqual(
      Object.keys(ROOMS).filter((name) => !files.some((file) => roomOf(file) === name)),
      [],
    );
  });

  it("is drawn in keeper/architecture.svg as the table has it: node scripts/checks/architecture.ts", () => {
    assert.equal(readFileSync(join(keeper, "architecture.svg"), "utf8"), drawRooms(ROOMS));
  });

  it("keeps clock, randomness, environment, async and logging out of the pure folders", () => {
    const wrong = files
      .filter((file) => PURE.includes(roomOf(file)))
      .flatMap((file) => {
        const found = IMPURE.exec(codeOf(file));
        return found === null ? [] : [`${relative(root, file)}: ${found[0]}`];
      });
    assert.deepEqual(wrong, []);
  });

  it("lets what others import of it, client and model, run without Node's own modules", () => {
    for (const entry of ["scripts/packages/client/client.ts", "scripts/packages/model/model.ts"]) {
      const reached = new Set([join(root, entry)]);
      for (const file of reached) {
        for (const { target, typeOnly } of importsOf(file)) if (!typeOnly) reached.add(target);
      }
      assert.ok(reached.size > 40, `${entry} reaches ${reached.size} files`);
      const bound = [...reached].filter((file) => /from "node:|\bprocess\./.test(codeOf(file)));
      assert.deepEqual(
        bound.map((file) => relative(root, file)),
        [],
        entry,
      );
    }
  });

  it("keeps viem and ethers out of one another's files", () => {
    const scripts = sourcesIn("scripts");
    const mixed = [...files, ...scripts].filter((file) => {
      const text = readFileSync(file, "utf8");
      return /from "viem/.test(text) && /from "ethers/.test(text);
    });
    assert.deepEqual(
      mixed.map((file) => relative(root, file)),
      [],
    );
  });

  it("holds every source file to 300 lines and their median to about 100", () => {
    const contracts = readdirSync(join(root, "contracts"), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".sol"))
      .map((name) => join(root, "contracts", name));
    const lengths = [...files, ...sourcesIn("scripts"), ...contracts].map((file) => ({
      file: relative(root, file),
      lines: readFileSync(file, "utf8").split("\n").length - 1,
    }));
    assert.deepEqual(
      lengths.filter(({ lines }) => lines > 300),
      [],
    );
    const sorted = lengths.map(({ lines }) => lines).sort((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)] as number;
    assert.ok(median <= 110, `median source file has ${median} lines, expected about 100`);
  });

  it("keeps the top level to what it always was, papers and tools' settings aside", () => {
    const ignored = readFileSync(join(root, ".gitignore"), "utf8")
      .split("\n")
      .map((line) => line.replaceAll("/", ""));
    const folders = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    assert.deepEqual(folders.flatMap(({ name }) => (name === ".git" || ignored.includes(name) ? [] : name)).sort(), [
      ".ci",
      ".github",
      "contracts",
      "deployments",
      "keeper",
      "scripts",
      "test",
    ]);
  });

  it("names no machine path and no registry host", () => {
    const names = [...files, ...sourcesIn("scripts"), ...sourcesIn("test")];
    const leak = new RegExp(`(^|[^a-z0-9.])/(${["work", "farm"].join("|")})/[a-z.]|https?://(registry|deb)[.]`);
    assert.deepEqual(
      names.filter((file) => leak.test(readFileSync(file, "utf8"))).map((file) => relative(root, file)),
      [],
    );
  });
});

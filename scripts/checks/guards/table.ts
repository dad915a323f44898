import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Guard } from "./guard.ts";
import { PARTS, ROOT, testsOf } from "./places.ts";

/** The test that fails without a guard, by the guard's file and name: contracts/guards.json, which `npm run guards` writes. */
type GuardTable = Record<string, Record<string, string>>;

const FILE = join(ROOT, "contracts", "guards.json");

/** `File.test.ts: title` in TypeScript, else `Contract.function` in Solidity. */
type NamedTest =
  | { readonly language: "typescript"; readonly file: string; readonly title: string }
  | { readonly language: "solidity"; readonly file: string; readonly name: string };

export function readTable(): GuardTable {
  return JSON.parse(readFileSync(FILE, "utf8")) as GuardTable;
}

/** Writes what is known of these guards, in their order; of guards that are no more nothing is kept. */
export function writeTable(guards: readonly Guard[], table: GuardTable): void {
  const kept: GuardTable = {};
  for (const { file, name } of guards) {
    const test = table[file]?.[name];
    if (test === undefined) continue;
    kept[file] ??= {};
    kept[file][name] = test;
  }
  writeFileSync(FILE, `${JSON.stringify(kept, null, 2)}\n`);
}

/**
 * Where a test of the table is.
 * @throws Error when there is no such file, or no such test in it.
 */
export function testNamed(test: string): NamedTest {
  const [, base, title = ""] = /^(\S+\.test\.ts): (.+)$/.exec(test) ?? [];
  if (base !== undefined) {
    const all = PARTS.flatMap((part) => testsOf.typescript(part));
    return { language: "typescript", file: holding(all, base, title, test), title };
  }
  const [contract = "", name = ""] = test.split(".");
  const file = holding(PARTS.flatMap(testsOf.solidity), `contract ${contract} `, `function ${name}(`, test);
  return { language: "solidity", file, name };
}

/** The file whose path or content says the one thing and whose content says the other. */
function holding(files: readonly string[], first: string, second: string, test: string): string {
  const found = files.find((file) => {
    const content = readFileSync(join(ROOT, file), "utf8");
    return (file.endsWith(`/${first}`) || content.includes(first)) && content.includes(second);
  });
  if (found === undefined) throw new Error(`there is no test ${test}`);
  return found;
}

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Source, treesOf } from "../guards/ast.ts";
import { filesAt, ROOT, withImports } from "../guards/places.ts";
import type { Mutation } from "./lemma.ts";

let asWritten: readonly Source[] | undefined;

/** The parameter contract as it is written. */
export function readSources(): readonly Source[] {
  asWritten ??= sourcesWith();
  return asWritten;
}

/** The parameter contract with a mistake in it. @throws Error as withMistake. */
export function mutated(mistake: Mutation): Source[] {
  return sourcesWith(new Map([[mistake.file, withMistake(mistake)]]));
}

/** A file with a mistake in it. @throws Error when its text does not stand in the file once. */
export function withMistake({ file, from, to }: Mutation): string {
  const content = readFileSync(join(ROOT, file), "utf8");
  if (content.split(from).length !== 2) throw new Error(`"${from}" does not stand in ${file} once`);
  return content.replace(from, () => to);
}

function sourcesWith(changes: ReadonlyMap<string, string> = new Map()): Source[] {
  const sources = withImports(filesAt(["contracts/parameters/*.sol"]));
  for (const [file, content] of changes) sources.set(file, content);
  return treesOf(sources);
}

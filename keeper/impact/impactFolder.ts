import { mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { asDiskFull } from "../journal/files.ts";
import { type ImpactFacts, impactJson, impactMarkdown } from "./impactReport.ts";

/** Reports of what was held and sent nothing, newest: one a minute for as long as governance thinks would fill the disk. */
export const MOST_HELD = 100;

/** Writes a report as JSON and Markdown, each under its name whole or not at all. @throws TonsorError DISK_FULL */
export async function writeImpact(folder: string, name: string, facts: ImpactFacts): Promise<void> {
  const files = [
    [`${name}.json`, `${JSON.stringify(impactJson(facts), null, 2)}\n`],
    [`${name}.md`, impactMarkdown(facts)],
  ] as const;
  try {
    await mkdir(folder, { recursive: true });
    for (const [file, text] of files) {
      await writeFile(join(folder, `${file}.part`), text);
      await rename(join(folder, `${file}.part`), join(folder, file));
    }
  } catch (error) {
    throw asDiskFull(error, folder);
  }
  await dropHeld(folder);
}

/** Removes the reports that are older than `before` (Unix seconds of the disk's clock); says how many files. */
export async function pruneImpact(folder: string, before: number): Promise<number> {
  let removed = 0;
  for (const name of await readdir(folder).catch(() => [])) {
    if ((await stat(join(folder, name))).mtimeMs >= before * 1_000) continue;
    await rm(join(folder, name), { force: true });
    removed += 1;
  }
  return removed;
}

async function dropHeld(folder: string): Promise<void> {
  const ticks = (await readdir(folder)).flatMap((name) => /^tick-(\d+)\.json$/.exec(name)?.[1] ?? []).map(Number);
  for (const tick of ticks.toSorted((a, b) => b - a).slice(MOST_HELD)) {
    for (const ending of ["json", "md"]) await rm(join(folder, `tick-${tick}.${ending}`), { force: true });
  }
}

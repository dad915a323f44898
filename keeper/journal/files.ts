import { randomUUID } from "node:crypto";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { readWhole } from "./boundedFile.ts";

/**
 * A folder with one JSON file for each series of closed bars. It only spares a keeper that is started while its venue
 * is silent from knowing nothing.
 * @example await seriesFolder("state/series").keep("ETH-PERPETUAL", [[0, 1]])
 */
export function seriesFolder(folder: string): {
  recall(name: string): Promise<unknown>;
  keep(name: string, points: readonly (readonly number[])[]): Promise<void>;
} {
  const fileOf = (name: string) => jsonFile(join(folder, `${encodeURIComponent(name)}.json`));
  return { recall: (name) => fileOf(name).recall(), keep: (name, points) => fileOf(name).keep(points) };
}

/** A JSON file that the keeper can do without: one that cannot be read is null, and not to be able to write it is no error. */
export function jsonFile(file: string): { recall(): Promise<unknown>; keep(value: unknown): Promise<void> } {
  return {
    async recall() {
      try {
        return JSON.parse((await readWhole(file)).toString());
      } catch {
        return null;
      }
    },
    async keep(value) {
      try {
        await mkdir(dirname(file), { recursive: true });
        await replaceFile(file, (aside) => writeFile(aside, JSON.stringify(value)));
      } catch {
        // As above.
      }
    },
  };
}

/** Has `write` write a file of another name, then gives it this one: readers find the old file or the new, never half. */
export async function replaceFile(file: string, write: (aside: string) => Promise<void>): Promise<void> {
  const aside = `${file}.${randomUUID()}.part`;
  try {
    await write(aside);
    await rename(aside, file);
  } catch (error) {
    await rm(aside, { force: true }).catch(() => undefined);
    throw error;
  }
}

import { randomUUID } from "node:crypto";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readWhole } from "./boundedFile.ts";

/**
 * A folder with one JSON file for each series of closed bars. It only spares a keeper that is started while its venue
 * is silent from knowing nothing: what cannot be written or read is therefore no error.
 * @example await seriesFolder("state/series").keep("ETH-PERPETUAL", [[0, 1]])
 */
export function seriesFolder(folder: string): {
  recall(name: string): Promise<unknown>;
  keep(name: string, points: readonly (readonly number[])[]): Promise<void>;
} {
  const fileOf = (name: string) => join(folder, `${encodeURIComponent(name)}.json`);
  return {
    async recall(name) {
      try {
        return JSON.parse((await readWhole(fileOf(name))).toString());
      } catch {
        return null;
      }
    },
    async keep(name, points) {
      try {
        await mkdir(folder, { recursive: true });
        await replaceFile(fileOf(name), (aside) => writeFile(aside, JSON.stringify(points)));
      } catch {
        // As above: the venue is asked again.
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

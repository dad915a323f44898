import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * A folder with one JSON file for each series of closed bars, whole or not at all. It only spares a keeper that is started
 * while its venue is silent from knowing nothing: what cannot be written or read is therefore no error.
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
        return JSON.parse(await readFile(fileOf(name), "utf8"));
      } catch {
        return null;
      }
    },
    async keep(name, points) {
      const aside = `${fileOf(name)}.${randomUUID()}.part`;
      try {
        await mkdir(folder, { recursive: true });
        await writeFile(aside, JSON.stringify(points));
        await rename(aside, fileOf(name));
      } catch {
        await rm(aside, { force: true }).catch(() => undefined);
      }
    },
  };
}

import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));

/** Variables by name, as `process.env` or what `.env` adds to it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Folder of the recordings: the one TONSOR_DATA names, there or not, else `../shared/data` beside the repository when
 * it holds options, else null.
 */
export function dataFolder(environment: Environment = process.env): string | null {
  const named = environment["TONSOR_DATA"];
  if (named !== undefined && named !== "") return resolve(named);
  const beside = join(REPOSITORY, "..", "shared", "data");
  return existsSync(join(beside, "options")) ? beside : null;
}

import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { TonsorError } from "../../../keeper/domain/errors.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
/** Sources that a task may run, and what pins the packages they use. */
const CODE = ["keeper/**/*.{ts,json}", "scripts/lab/**/*.{ts,json}", "package-lock.json"];

/** What a result depends on beside its task: digests of the code (and of Node's version) and of the recordings. */
export type SweepVersion = { readonly code: string; readonly data: string };

/**
 * The version of this code and of a folder of recordings, by content: the same on two machines whatever their paths and
 * dates. @throws TonsorError BAD_FILE for a folder that cannot be read
 */
export function sweepVersion(data: string): SweepVersion {
  return { code: digestOf(ROOT, CODE, process.version), data: digestOf(data, ["**/*"], "") };
}

/** One name for both. */
export function versionId({ code, data }: SweepVersion): string {
  return createHash("sha256").update(`${code} ${data}`).digest("hex").slice(0, 16);
}

function digestOf(folder: string, patterns: readonly string[], salt: string): string {
  const hash = createHash("sha256").update(salt);
  try {
    const found = globSync([...patterns], { cwd: folder, withFileTypes: true }).filter((one) => one.isFile());
    for (const path of found.map((one) => join(one.parentPath, one.name)).sort()) {
      const content = createHash("sha256").update(readFileSync(path)).digest("hex");
      hash.update(`${relative(folder, path)} ${content}\n`);
    }
  } catch (error) {
    const facts = { field: "--data", given: folder, expected: "a folder whose files can all be read" };
    throw new TonsorError("BAD_FILE", "the recordings cannot be read", facts, error);
  }
  return hash.digest("hex").slice(0, 16);
}

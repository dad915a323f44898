import { createHash } from "node:crypto";
import { existsSync, globSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** What a compilation depends on: sources by content; libraries and compiler by the versions that the lock file names. */
const INPUTS = ["contracts", "test/mocks", "hardhat.config.ts", "package-lock.json"];

/**
 * Whether nothing has changed since `stampCompiled`: no byte of what is compiled, and no file of what came out, by name,
 * size and time. Asking the compiler itself takes a second or more; this takes milliseconds.
 * @param root folder of the project
 */
export function isCompiled(root: string): boolean {
  const file = stampFile(root);
  return existsSync(file) && readFileSync(file, "utf8") === stampOf(root);
}

/** Remembers what there is now as compiled. */
export function stampCompiled(root: string): void {
  mkdirSync(dirname(stampFile(root)), { recursive: true });
  writeFileSync(stampFile(root), stampOf(root));
}

/**
 * Removes what was compiled from source files that are gone. The compiler keeps it, and a contract that moved would then be
 * there twice under one name.
 */
export function removeStaleArtifacts(folder: string): void {
  const artifacts = join(folder, "artifacts");
  for (const source of globSync("{contracts,test}/**/*.sol", { cwd: artifacts })) {
    if (!existsSync(join(folder, source))) rmSync(join(artifacts, source), { recursive: true });
  }
}

const stampFile = (root: string): string => join(root, "cache", "tonsor-compiled");

function stampOf(root: string): string {
  const hash = createHash("sha256");
  for (const input of INPUTS) {
    for (const file of filesIn(join(root, input))) hash.update(`${file}\0`).update(readFileSync(file)).update("\0");
  }
  for (const file of filesIn(join(root, "artifacts"))) {
    const { size, mtimeMs } = statSync(file);
    hash.update(`${file}\0${size}\0${mtimeMs}\0`);
  }
  return hash.digest("hex");
}

/** Every file at or below a path, in order; none where there is nothing. */
function filesIn(path: string): string[] {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

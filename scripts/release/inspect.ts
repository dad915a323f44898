import { globSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { PackageSpec } from "./packages.ts";

const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

/** Kinds of files that packages are made of; anything else has strayed into one. */
const SHIPPED = /(?:\.(?:js|d\.ts|sol|json|jsonc|md|html|css|svg)|\/LICENSE|\/\.env\.example)$/;
const ALWAYS = ["LICENSE", "README.md", "package.json"];

/**
 * What is wrong with a staged package, one line each: too big, a file missing or strayed, a path of this machine.
 * @example problemsOf(spec, folder) // ["@tonsor/model: notes.txt is of no kind that packages are made of"]
 */
export function problemsOf({ name, mostBytes }: PackageSpec, folder: string): readonly string[] {
  const files = filesOf(folder);
  const bytes = sizeOf(folder);
  const here = [root, homedir()].filter((path) => path.length > 1);
  const texts = files.map((file) => [file, readFileSync(join(folder, file), "utf8")] as const);
  return [
    ...(bytes > mostBytes ? [`${bytes} bytes, at most ${mostBytes}`] : []),
    ...ALWAYS.filter((file) => !files.includes(file)).map((file) => `${file} is missing`),
    ...files
      .filter((file) => !SHIPPED.test(`/${file}`))
      .map((file) => `${file} is of no kind that packages are made of`),
    ...texts.filter(([, text]) => text.trim() === "").map(([file]) => `${file} is empty`),
    ...texts
      .filter(([, text]) => here.some((path) => text.includes(path)))
      .map(([file]) => `${file} names a path here`),
  ].map((problem) => `${name}: ${problem}`);
}

/** The files below a folder, sorted. */
function filesOf(folder: string): readonly string[] {
  const all = globSync(["**/*", "**/.*"], { cwd: folder });
  return all.filter((file) => statSync(join(folder, file)).isFile()).sort();
}

/** Bytes of all files of a folder. */
export function sizeOf(folder: string): number {
  return filesOf(folder).reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
}

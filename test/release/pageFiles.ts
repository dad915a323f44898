import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Writes the files that a package's page shows into a folder, as a reader would: blocks whose first line is their path in a
 * comment. Returns them by path.
 */
export function writePageFiles(name: string, folder: string): ReadonlyMap<string, string> {
  const page = readFileSync(join(root, "scripts", "packages", name, "README.md"), "utf8");
  const blocks = [...page.matchAll(/^```\w+\n((?:\/\/|#) ([\w./-]+\.\w+)\n[\s\S]*?)^```/gm)];
  const files = new Map(blocks.map(([, text = "", path = ""]) => [path, text]));
  for (const [path, text] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return files;
}

/** What a script of a page says that it prints: the comment after each `console.log`. */
export function promised(text: string): readonly string[] {
  return [...text.matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm)].map(([, said = ""]) => said);
}

import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Whether a file is, or reaches by its imports, one of which `isOne` is true. */
export function reaches(isOne: (file: string, code: string) => boolean): (file: string) => boolean {
  const known = new Map<string, boolean>();
  const answer = (file: string): boolean => {
    const found = known.get(file);
    if (found !== undefined) return found;
    known.set(file, false);
    // A file that writes code has imports in it that lead nowhere from here.
    if (!existsSync(join(root, file))) return false;
    const code = readFileSync(join(root, file), "utf8").replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
    const imports = [...code.matchAll(/(?:from|import\() ?"(\.[^"]+\.ts)"/g)];
    const is = isOne(file, code) || imports.some(([, path = ""]) => answer(join(dirname(file), path)));
    known.set(file, is);
    return is;
  };
  return answer;
}

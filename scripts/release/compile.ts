import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Compiled JavaScript, and what it is made of. */
type Closure = {
  /** Files below the compiled folder, sorted. */
  readonly files: readonly string[];
  /** Packages and Node's own modules that they import. */
  readonly imports: readonly string[];
};

/** Compiles entry files, and what they import, to JavaScript and declarations below `folder`, in their places. */
export function compileSources(root: string, entries: readonly string[], folder: string): void {
  const config = join(folder, "tsconfig.json");
  const compilerOptions = {
    // Types are checked by the project's own gate.
    ...{ noEmit: false, noCheck: true, declaration: true, rewriteRelativeImportExtensions: true },
    ...{ rootDir: root, outDir: folder, typeRoots: [join(root, "node_modules", "@types")] },
  };
  const files = entries.map((entry) => join(root, entry));
  writeFileSync(config, JSON.stringify({ extends: join(root, "tsconfig.json"), compilerOptions, files, include: [] }));
  execFileSync(join(root, "node_modules", ".bin", "tsc"), ["-p", config], { cwd: root, stdio: "inherit" });
}

const IMPORT = /(?:\bfrom|\bimport\(|^import)\s*"(\.[^"\s]+|[@a-z][\w@./:-]*)"/gm;

/**
 * What an entry reaches, by the imports of the compiled files: types, which the code has lost, by its declarations.
 * @param entry its path below the folder, as TypeScript; `types` takes the declarations, too
 */
export function closureOf(folder: string, entry: string, types: boolean): Closure {
  const files = new Set<string>();
  const imports = new Set<string>();
  const take = (file: string, extension: string) => {
    if (files.has(file)) return;
    files.add(file);
    const text = readFileSync(join(folder, file), "utf8").replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
    for (const [, path = ""] of text.matchAll(IMPORT)) {
      if (!path.startsWith(".")) imports.add(path);
      else take(join(dirname(file), path).replace(/\.(?:js|ts)$/, extension), extension);
    }
  };
  take(entry.replace(/\.ts$/, ".js"), ".js");
  if (types) take(entry.replace(/\.ts$/, ".d.ts"), ".d.ts");
  return { files: [...files].sort(), imports: [...imports].sort() };
}

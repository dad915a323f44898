import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));

/** Path of a file from the project's own folder. */
export const named = (file: string): string => relative(root, file);

/** The room of a file of `keeper/`: its folder, or its own name at the top. */
export function roomOf(file: string): string {
  return (relative(join(root, "keeper"), file).split("/")[0] ?? "").replace(/\.ts$/, "");
}

/** Every TypeScript file below a folder of the project. */
export function sourcesIn(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.includes("node_modules"))
    .map((name) => join(root, folder, name))
    .sort();
}

/** The text of a file without its comments. */
export function codeOf(file: string): string {
  return readFileSync(file, "utf8")
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/^\s*\/\/.*$/gm, "");
}

/** One import of another file of the project. */
export type Import = {
  readonly target: string;
  /** Names that are taken; null: all of them. */
  readonly names: readonly string[] | null;
  readonly typeOnly: boolean;
  readonly dynamic: boolean;
  readonly line: string;
};

const STATIC = /^(?:import|export)\s+(type\s+)?([^;"]*?)\s*from\s+"(\.[^"]+)"/gm;
const DYNAMIC = /(?<!typeof )import\(\s*"(\.[^"]+)"\s*\)/g;

/** Every import of a file: static, re-exported and dynamic. */
export function importsOf(file: string): readonly Import[] {
  const code = codeOf(file);
  const target = (path: string) => resolve(dirname(file), path);
  const statics = [...code.matchAll(STATIC)].map(([line, type, clause = "", path = ""]): Import => {
    const names = namesIn(clause);
    const each = clause.startsWith("{")
      ? clause
          .slice(1, -1)
          .split(",")
          .filter((name) => name.trim() !== "")
      : [];
    const typeOnly = type !== undefined || (each.length > 0 && each.every((name) => /^\s*type\s/.test(name)));
    return { target: target(path), names, typeOnly, dynamic: false, line: line.replace(/\s+/g, " ") };
  });
  const dynamics = [...code.matchAll(DYNAMIC)].map((match): Import => {
    const names = dynamicNames(code, match.index, match[0].length);
    return { target: target(match[1] ?? ""), names, typeOnly: false, dynamic: true, line: match[0] };
  });
  return [...statics, ...dynamics];
}

/** Names of `{ a, type B, c as d }`; null for `* as all` and `*`. */
function namesIn(clause: string): readonly string[] | null {
  const braces = /\{([\s\S]*)\}/.exec(clause)?.[1];
  if (braces === undefined) return clause.includes("*") ? null : ["default"];
  return braces
    .split(",")
    .map(
      (name) =>
        name
          .trim()
          .replace(/^type\s+/, "")
          .split(/\s+as\s+/)[0] ?? "",
    )
    .filter((name) => name !== "");
}

/**
 * Names that a dynamic import takes: those destructured in the statement around it (`const { a, b: c } = await import`,
 * also of several by `Promise.all`), or `.name` after it; null where the module is handed on whole.
 */
function dynamicNames(code: string, at: number, length: number): readonly string[] | null {
  const before = code.slice(Math.max(0, at - 400), at);
  const start = Math.max(before.lastIndexOf(";"), before.lastIndexOf("=>"));
  const pattern = before.slice(start + 1);
  const after = code.slice(at + length, at + length + 120);
  const taken = [...pattern.matchAll(/\{([^{}]*)\}/g), ...[/^\)?\s*\.then\(\(\{([^}]*)\}/.exec(after) ?? []]].flatMap(
    ([, names = ""]) => names.split(",").map((name) => name.split(":")[0]?.trim() ?? ""),
  );
  const member = /^\)*\s*\.(?!then\b|catch\b)(\w+)/.exec(after)?.[1];
  const names = [...taken, ...(member === undefined ? [] : [member])].filter((name) => name !== "");
  return names.length === 0 ? null : names;
}

/** Names that a file exports. */
export function exportsOf(file: string): readonly string[] {
  const code = codeOf(file);
  const declared =
    /^export\s+(?:declare\s+|abstract\s+|async\s+)*(?:function\*?|const|let|type|class|interface|enum)\s+(\w+)/gm;
  const lists = /^export\s+(?:type\s+)?\{([^}]*)\}/gm;
  return [
    ...[...code.matchAll(declared)].flatMap(([, name]) => name ?? []),
    ...[...code.matchAll(lists)].flatMap(([, names = ""]) =>
      names.split(",").flatMap(
        (name) =>
          name
            .trim()
            .replace(/^type\s+/, "")
            .split(/\s+as\s+/)
            .at(-1) || [],
      ),
    ),
  ];
}

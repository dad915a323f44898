import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Paths of all leaves of a JSON value, array items as "[]", sorted. @example fieldPaths({ a: [{ b: 1 }] }) // ["a[].b"] */
export function fieldPaths(value: unknown): string[] {
  const paths = new Set<string>();
  const walk = (at: string, part: unknown): void => {
    if (Array.isArray(part) && part.length > 0) for (const item of part) walk(`${at}[]`, item);
    else if (typeof part === "object" && part !== null && !Array.isArray(part)) {
      for (const [name, field] of Object.entries(part)) walk(at === "" ? name : `${at}.${name}`, field);
    } else paths.add(at);
  };
  walk("", JSON.parse(JSON.stringify(value)));
  // An empty list says nothing that a full one beside it does not say better.
  return [...paths].filter((path) => ![...paths].some((other) => other.startsWith(`${path}[]`))).sort();
}

/** Fields listed in the table under a heading of a Markdown page of the repository, sorted. */
export function documentedFields(page: string, heading: string): string[] {
  const text = readFileSync(fileURLToPath(new URL(`../../${page}`, import.meta.url)), "utf8");
  const section = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`));
  if (section === undefined) throw new Error(`${page} has no heading "## ${heading}"`);
  return [...section.matchAll(/^\| `([^`]+)` +\|/gm)].map((match) => match[1] ?? "").sort();
}

/** Documented fields that hold an object or null, which a full example shows through their parts. */
export function leaves(fields: readonly string[]): string[] {
  return fields.filter((field) => !fields.some((other) => other.startsWith(`${field}.`)));
}

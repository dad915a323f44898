import { existsSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import { type Incident, readIncident } from "./incident.ts";

const SHIPPED = fileURLToPath(new URL("incidents", import.meta.url));

/**
 * Incidents by name, in the order of their names: those of the repository, and of each folder's `incidents/`.
 * @param names those wanted; empty: all
 * @throws TonsorError BAD_FILE for a file that is no incident or a name that two files have, BAD_ARGUMENT for an unknown one or a folder that is not there
 */
export function incidentsOf(names: readonly string[], given: readonly string[]): readonly Incident[] {
  const own = given.map((folder) => resolve(folder));
  for (const folder of own) {
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) continue;
    const facts = { field: "--data", given: folder, expected: "a folder that is there" };
    throw new TonsorError("BAD_ARGUMENT", "nothing can be read from it", facts);
  }
  const files = [SHIPPED, ...own.map((folder) => join(folder, "incidents"))].flatMap((folder) =>
    existsSync(folder)
      ? readdirSync(folder)
          .filter((name) => name.endsWith(".json"))
          .map((name) => join(folder, name))
      : [],
  );
  const found = new Map<string, string>();
  for (const file of files) {
    const name = nameOf(file);
    const other = found.get(name);
    if (other !== undefined) {
      const expected = `another name than that of ${other}`;
      throw new TonsorError("BAD_FILE", "two incidents have one name", { field: "file", given: file, expected });
    }
    found.set(name, file);
  }
  for (const name of names) {
    if (found.has(name)) continue;
    const expected = `some of ${[...found.keys()].sort().join(", ")}`;
    throw new TonsorError("BAD_ARGUMENT", "there is no such incident", { field: "incident", given: name, expected });
  }
  return [...found]
    .filter(([name]) => names.length === 0 || names.includes(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, file]) => readIncident(file));
}

function nameOf(file: string): string {
  return file.slice(file.lastIndexOf("/") + 1, -".json".length);
}

import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { forkPage } from "./page.ts";
import type { ForkReport } from "./report.ts";
import { csvTables } from "./tables.ts";

/** Writes fork.html, fork.json and the tables as csv into a folder and returns their paths. */
export function writeReport(report: ForkReport, out: string): readonly string[] {
  const folder = resolve(out);
  mkdirSync(folder, { recursive: true });
  const tables = csvTables(report);
  const contents: Readonly<Record<string, string>> = {
    "fork.html": forkPage(report, Object.keys(tables)),
    "fork.json": `${JSON.stringify(report, null, 1)}\n`,
    ...tables,
  };
  return Object.entries(contents).map(([name, content]) => {
    const file = join(folder, name);
    writeFileSync(file, content);
    return file;
  });
}

import { cpSync, globSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { temporaryFolder } from "../support/temporaryFolder.ts";

type Row = Readonly<Record<string, unknown>>;

/** A journal as it lies in a folder of state: its schema, and every table's rows in order. */
export type JournalRows = { readonly schema: number; readonly tables: ReadonlyMap<string, readonly Row[]> };

/** Reads a journal of any schema, from a copy: whoever opens one may leave files beside it that the keeper cannot open. */
export function journalRows(state: string): JournalRows {
  const folder = temporaryFolder();
  for (const file of globSync("journal.sqlite*", { cwd: state })) cpSync(join(state, file), join(folder, file));
  const database = new DatabaseSync(join(folder, "journal.sqlite"));
  try {
    const names = database
      .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
      .all();
    const tables = names.map(({ name }) => [String(name), database.prepare(`SELECT * FROM ${name}`).all()] as const);
    return { schema: Number(database.prepare("PRAGMA user_version").get()?.["user_version"]), tables: new Map(tables) };
  } finally {
    database.close();
  }
}

/** The same rows with no other columns than those of an older journal's, table by table; for tables without a row as they are. */
export function asIn(older: JournalRows, { tables }: JournalRows): JournalRows["tables"] {
  return new Map(
    [...older.tables].map(([name, [first, ..._]]) => {
      const columns = Object.keys(first ?? {});
      const rows = tables.get(name) ?? [];
      return [
        name,
        rows.map((row) =>
          Object.assign(Object.create(null), Object.fromEntries(columns.map((key) => [key, row[key]]))),
        ),
      ];
    }),
  );
}

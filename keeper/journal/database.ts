import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { TonsorError } from "../domain/errors.ts";
import type { Journal } from "../domain/journal.ts";
import { asOpeningError, TAKEN_OVER } from "./files.ts";
import { MIGRATIONS } from "./migrations.ts";

/** Which contract a journal is about. */
export type JournalIdentity = { readonly chainId: number; readonly contract: string };

/** A writer that finds the journal locked waits so long, which is for how long the event loop stands still. */
const BUSY_MS = 100;

/**
 * Opens a SQLite file (made when absent), brings its schema up to date and binds it to one contract. A row is on disk
 * when the call that wrote it returns: write-ahead log with synchronous = FULL.
 * @throws TonsorError `JOURNAL_BROKEN` for a file that is no database, is damaged, is newer than this code, or belongs
 * to another contract; `BAD_CONFIG` for a file or folder that this user may not write; else as `asStateError`.
 */
export function openDatabase(path: string, identity: JournalIdentity, migrations = MIGRATIONS): DatabaseSync {
  let database: DatabaseSync | null = null;
  try {
    if (path !== ":memory:") mkdirSync(dirname(path), { recursive: true });
    database = new DatabaseSync(path, { timeout: BUSY_MS });
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;");
    migrate(database, migrations, path);
    checkPages(database, path);
    bind(database, identity, path);
    return database;
  } catch (error) {
    database?.close();
    if (error instanceof TonsorError) throw error;
    const named = asOpeningError(error, path);
    if (named instanceof TonsorError && named.code !== "JOURNAL_BROKEN") throw named;
    throw new TonsorError("JOURNAL_BROKEN", `journal ${path} cannot be opened: ${(error as Error).message}`, {}, error);
  }
}

/** Every page, without the order of the indices: a tenth of a second for a hundred megabytes, so at every start. */
function checkPages(database: DatabaseSync, path: string): void {
  const found = String(database.prepare("PRAGMA quick_check(1)").all()[0]?.["quick_check"]);
  if (found !== "ok") throw damaged(path, found);
}

/** Runs `work` in one transaction: all of it is on disk, or none. */
export function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

const statements = new WeakMap<DatabaseSync, Map<string, StatementSync>>();

/** A statement of a database, prepared when it is first asked for: what every cycle asks of every market is prepared once. */
export function prepared(database: DatabaseSync, sql: string): StatementSync {
  const known = statements.get(database) ?? new Map<string, StatementSync>();
  statements.set(database, known);
  const statement = known.get(sql) ?? database.prepare(sql);
  known.set(sql, statement);
  return statement;
}

/** Writes one row, columns by name; "REPLACE" takes the place of a row with the same key. Returns the row's id. */
export function insert(
  database: DatabaseSync,
  table: string,
  row: Readonly<Record<string, SQLInputValue>>,
  onConflict: "ABORT" | "REPLACE" = "ABORT",
): number {
  const columns = Object.keys(row);
  const values = columns.map(() => "?").join(", ");
  const sql = `INSERT OR ${onConflict} INTO ${table} (${columns.join(", ")}) VALUES (${values})`;
  return Number(prepared(database, sql).run(...Object.values(row)).lastInsertRowid);
}

/** Throws `JOURNAL_BROKEN` when a page of the file is damaged or a row refers to nothing. */
export function checkIntegrity(database: DatabaseSync, path: string): void {
  let found: string;
  try {
    found = String(database.prepare("PRAGMA integrity_check(1)").all()[0]?.["integrity_check"]);
    const dangling = database.prepare("PRAGMA foreign_key_check").all().length;
    if (found === "ok" && dangling === 0) return;
    if (found === "ok") found = `${dangling} rows that refer to nothing`;
  } catch (error) {
    found = (error as Error).message;
  }
  throw damaged(path, found);
}

function damaged(path: string, found: string): TonsorError {
  const facts = { given: found, expected: "an intact database" };
  return new TonsorError("JOURNAL_BROKEN", `journal ${path} is damaged`, facts);
}

function migrate(database: DatabaseSync, migrations: readonly string[], path: string): void {
  const versionOf = () => Number(database.prepare("PRAGMA user_version").get()?.["user_version"] ?? 0);
  const assertKnown = (done: number) => {
    if (done <= migrations.length) return;
    const facts = { given: done, expected: `schema version <= ${migrations.length}` };
    throw new TonsorError("JOURNAL_BROKEN", `journal ${path} was written by a newer version`, facts);
  };
  const found = versionOf();
  assertKnown(found);
  if (found === migrations.length) return;
  inTransaction(database, () => {
    // Asked again behind the lock: a command beside a keeper's first start may have done them meanwhile.
    const done = versionOf();
    assertKnown(done);
    for (const sql of migrations.slice(done)) database.exec(sql);
    database.exec(`PRAGMA user_version = ${migrations.length}`);
  });
}

function bind(database: DatabaseSync, identity: JournalIdentity, path: string): void {
  const contract = identity.contract.toLowerCase();
  database
    .prepare("INSERT INTO identity (only, chain_id, contract) VALUES (1, ?, ?) ON CONFLICT DO NOTHING")
    .run(identity.chainId, contract);
  const row = database.prepare("SELECT chain_id, contract FROM identity").get();
  if (row?.["chain_id"] !== identity.chainId || row["contract"] !== contract) {
    throw new TonsorError("JOURNAL_BROKEN", `journal ${path} belongs to another contract`, {
      given: `chain ${row?.["chain_id"]}, ${row?.["contract"]}`,
      expected: `chain ${identity.chainId}, ${contract}`,
    });
  }
}

/** Beside the file itself SQLite's write-ahead log and its index: rows that are not in the file yet are in these alone. */
const PARTS = ["", "-wal", "-shm"];

/**
 * Whether the files of the journal at `path` are still those that it was opened with, and, once it was taken over, whose it is.
 */
export function placeAndOwner(database: DatabaseSync, path: string): Pick<Journal, "assertInPlace" | "takeOver"> {
  const fileAt = (file: string) => {
    const found = statSync(file, { throwIfNoEntry: false });
    return found === undefined ? "nothing" : `file ${found.dev}:${found.ino}`;
  };
  const files = path === ":memory:" ? [] : PARTS.map((part) => path + part);
  const opened = files.map((file) => [file, fileAt(file)] as const);
  let owner: number | null = null;
  return {
    assertInPlace() {
      for (const [file, expected] of opened) {
        const given = fileAt(file);
        if (given === expected) continue;
        const facts = { given: `${given} at ${file}`, expected: `${expected}, as it was opened` };
        throw new TonsorError("STATE_LOST", "the journal was removed or replaced while the keeper ran", facts);
      }
      if (owner !== null && ownerOf(database) !== owner) throw new TonsorError("STATE_LOST", TAKEN_OVER);
    },
    takeOver() {
      owner = takeOver(database);
    },
  };
}

/**
 * Makes this connection the journal's one writer: whoever took it over before can write nothing from here on, a row that it
 * is about to write included, for each write looks in its own transaction whose turn it is. No time is compared. Who never
 * took it over (a command beside the keeper) is not concerned.
 */
function takeOver(database: DatabaseSync): number {
  const owner = inTransaction(database, () => {
    database.exec("UPDATE main.identity SET owner = owner + 1");
    return ownerOf(database);
  });
  const sql =
    "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT IN ('identity', 'sqlite_sequence')";
  for (const { name } of database.prepare(sql).all()) {
    for (const change of ["INSERT", "UPDATE", "DELETE"]) {
      database.exec(`CREATE TEMP TRIGGER owner_${change}_${name} BEFORE ${change} ON main.${name}
        WHEN (SELECT owner FROM main.identity) <> ${owner} BEGIN SELECT RAISE(ABORT, '${TAKEN_OVER}'); END`);
    }
  }
  return owner;
}

function ownerOf(database: DatabaseSync): number {
  return Number(prepared(database, "SELECT owner FROM main.identity").get()?.["owner"]);
}

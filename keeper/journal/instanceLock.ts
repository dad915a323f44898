import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { TonsorError } from "../domain/errors.ts";
import { asOpeningError } from "./files.ts";

/**
 * Takes a state folder for this process alone, or (`among`) for one of several workers of a fleet, until it is released or the process ends in whatever way: the lock is the
 * system's own on an open file. Whoever decides and sends (`run`, `once`) or moves the journal (`rebuild`) holds it; who
 * only reads, or moves one transaction by hand, does not. Of several workers the journal takes the rows of one (`takeOver`).
 * @throws TonsorError STATE_IN_USE while another process holds it; as `openDatabase` does
 */
export function lockInstance(stateFolder: string, among: "alone" | "workers" = "alone"): { release(): void } {
  const file = join(stateFolder, "instance.lock");
  let database: DatabaseSync | null = null;
  try {
    mkdirSync(stateFolder, { recursive: true });
    database = new DatabaseSync(file, { timeout: 0 });
    // Held by the open transaction; the file stays empty. A transaction that has read shares it with others that read.
    database.exec(among === "alone" ? "BEGIN EXCLUSIVE" : "BEGIN; SELECT count(*) FROM sqlite_schema");
  } catch (error) {
    database?.close();
    const named = asOpeningError(error, file);
    if (!(named instanceof TonsorError && named.code === "JOURNAL_BUSY")) throw named;
    const facts = { field: "TONSOR_STATE", given: stateFolder, expected: "one keeper for each state folder" };
    throw new TonsorError("STATE_IN_USE", "another process works in the state folder", facts, error);
  }
  const held = database;
  return { release: () => held.close() };
}

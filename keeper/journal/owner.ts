import type { DatabaseSync } from "node:sqlite";
import { TonsorError } from "../domain/errors.ts";
import { inTransaction, prepared } from "./database.ts";
import { TAKEN_OVER } from "./stateErrors.ts";

/**
 * Makes this connection the journal's one writer: whoever took it over before can write nothing from here on, a row that it
 * is about to write included, for each write looks in its own transaction whose turn it is. No time is compared. Who never
 * took it over (a command beside the keeper) is not concerned. Returns what throws `STATE_LOST` once another has done so.
 */
export function takeOver(database: DatabaseSync): () => void {
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
  return () => {
    if (ownerOf(database) !== owner) throw new TonsorError("STATE_LOST", TAKEN_OVER);
  };
}

function ownerOf(database: DatabaseSync): number {
  return Number(prepared(database, "SELECT owner FROM main.identity").get()?.["owner"]);
}

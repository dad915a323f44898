import type { DatabaseSync } from "node:sqlite";
import type { Hex } from "../domain/batch.ts";
import type { Intent } from "../domain/intent.ts";
import { intentOf } from "./intentJournal.ts";

/** Intents that ended but are not final: a reorganisation may take back what became of them. Lowest nonce first. */
export function watchedIntents(database: DatabaseSync): Intent[] {
  const sql = `SELECT * FROM intents WHERE final = 0 AND status IN ('CONFIRMED', 'REVERTED', 'SUPERSEDED')
    ORDER BY nonce, id`;
  return database.prepare(sql).all().map(intentOf);
}

/** Writes that what became of an intent is final. */
export function finalise(database: DatabaseSync, id: number): void {
  database
    .prepare("UPDATE intents SET final = 1 WHERE id = ? AND status IN ('CONFIRMED', 'REVERTED', 'SUPERSEDED')")
    .run(id);
}

/** Writes that a private transaction was given to the public nodes. There is no way back. */
export function makePublic(database: DatabaseSync, id: number): void {
  database.prepare("UPDATE intents SET route = 'public' WHERE id = ?").run(id);
}

/** Returns one more than the highest nonce of a sender that the journal has seen in a block; 0 for none. */
export function nonceFloor(database: DatabaseSync, sender: Hex): number {
  const sql = "SELECT MAX(nonce) AS highest FROM intents WHERE sender = ? AND status IN ('CONFIRMED', 'REVERTED')";
  const highest = database.prepare(sql).get(sender)?.["highest"];
  return typeof highest === "number" ? highest + 1 : 0;
}

/** Returns what transactions of a sender cost that were found in blocks since a time (Unix seconds), wei. */
export function spentSince(database: DatabaseSync, sender: Hex, since: number): bigint {
  const sql = "SELECT fee_wei FROM intents WHERE sender = ? AND fee_wei IS NOT NULL AND updated_at >= ?";
  const rows = database.prepare(sql).all(sender, since);
  return rows.reduce((sum, row) => sum + BigInt(String(row["fee_wei"])), 0n);
}

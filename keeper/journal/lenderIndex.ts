import type { DatabaseSync } from "node:sqlite";
import type { Hex } from "../domain/contract.ts";
import type { LenderCursor } from "../domain/journal.ts";
import { insert, inTransaction } from "./database.ts";

/** How far the events of a lender were read, or null. */
export function lenderCursor(database: DatabaseSync, lender: string): LenderCursor | null {
  const row = database.prepare("SELECT next, hash FROM lender_cursors WHERE lender = ?").get(lender);
  return row === undefined ? null : { next: BigInt(String(row["next"])), hash: row["hash"] as Hex };
}

/** Writes accounts and how far they were read, as one; returns how many accounts are kept now. */
export function noteLender(
  database: DatabaseSync,
  lender: string,
  accounts: readonly Hex[],
  { next, hash }: LenderCursor,
): number {
  return inTransaction(database, () => {
    const add = database.prepare("INSERT OR IGNORE INTO lender_accounts (lender, account) VALUES (?, ?)");
    for (const account of accounts) add.run(lender, account);
    insert(database, "lender_cursors", { lender, next: next.toString(), hash }, "REPLACE");
    const row = database.prepare("SELECT COUNT(*) AS kept FROM lender_accounts WHERE lender = ?").get(lender);
    return Number(row?.["kept"]);
  });
}

/** Every account that is kept of a lender. */
export function lenderAccounts(database: DatabaseSync, lender: string): Hex[] {
  const rows = database.prepare("SELECT account FROM lender_accounts WHERE lender = ?").all(lender);
  return rows.map(({ account }) => account as Hex);
}

import type { DatabaseSync } from "node:sqlite";
import type { Hex } from "../domain/batch.ts";
import { DAY_SECONDS } from "../domain/calendar.ts";
import { inTransaction } from "./database.ts";

/** What the model remembers reaches back 28 days; ticks and samples are kept a little longer than that. */
const TICK_DAYS = 35;
/** These many transactions stay whatever their age: what stands on chain may have been written long ago. */
const NEWEST = 100;

/** What was taken out of a journal. */
export type Pruned = { readonly ticks: number; readonly intents: number };

/**
 * Takes out what is older than the retention: ticks that led to no transaction and samples after 35 days, transactions
 * with their ticks after `days`. The newest hundred transactions and every open one stay whatever their age.
 * @param now Unix seconds by the cycle's clock
 * @param days retention of transactions, >= 35
 */
export function pruneJournal(database: DatabaseSync, now: number, days: number): Pruned {
  return inTransaction(database, () => {
    const old = now - days * DAY_SECONDS;
    const samples = now - TICK_DAYS * DAY_SECONDS;
    const gone = `SELECT id FROM intents WHERE planned_at < ? AND status NOT IN ('PLANNED', 'SENT', 'UNKNOWN')
      AND id <= (SELECT MAX(id) FROM intents) - ${NEWEST}
      AND id NOT IN (SELECT replaces FROM intents WHERE replaces IS NOT NULL AND planned_at >= ?)`;
    database.prepare(`DELETE FROM intent_markets WHERE intent IN (${gone})`).run(old, old);
    database.prepare(`UPDATE intents SET replaces = NULL WHERE replaces IN (${gone})`).run(old, old);
    const intents = Number(database.prepare(`DELETE FROM intents WHERE id IN (${gone})`).run(old, old).changes);
    const idle = "SELECT id FROM ticks WHERE now < ? AND id NOT IN (SELECT tick FROM intents)";
    database.prepare(`DELETE FROM assessments WHERE tick IN (${idle})`).run(samples);
    const ticks = Number(database.prepare(`DELETE FROM ticks WHERE id IN (${idle})`).run(samples).changes);
    for (const table of ["depth_samples", "implied_samples", "volatility_samples"]) {
      database.prepare(`DELETE FROM ${table} WHERE time < ?`).run(samples);
    }
    // The last mark of a kind says when loosening began to rest; only those before it are forgotten.
    database
      .prepare(
        `DELETE FROM marks WHERE time < ? AND time < (
           SELECT MAX(time) FROM marks AS later WHERE later.market_id = marks.market_id AND later.kind = marks.kind)`,
      )
      .run(samples);
    database.prepare("DELETE FROM consents WHERE deadline < ?").run(samples);
    return { ticks, intents };
  });
}

/** Evidence hashes that the journal's transactions refer to. */
export function evidenceInUse(database: DatabaseSync): ReadonlySet<Hex> {
  return new Set(
    database
      .prepare("SELECT DISTINCT evidence FROM intents")
      .all()
      .map((row) => String(row["evidence"]) as Hex),
  );
}

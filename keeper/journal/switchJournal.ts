import type { DatabaseSync } from "node:sqlite";

/** A kill switch that was set or taken back; `reason` is null when it was taken back. */
export type SwitchChange = { readonly at: number; readonly name: string; readonly reason: string | null };

/**
 * Compares the switches that are set with what the journal says of them, writes a row for each that differs and returns
 * those rows. Switches that nobody names any more count as taken back.
 */
export function noteSwitches(
  database: DatabaseSync,
  at: number,
  set: readonly { readonly name: string; readonly reason: string }[],
): SwitchChange[] {
  const rows = database
    .prepare("SELECT name, reason FROM switch_changes WHERE id IN (SELECT MAX(id) FROM switch_changes GROUP BY name)")
    .all();
  const before = new Map(
    rows.map((row) => [String(row["name"]), row["reason"] === null ? null : String(row["reason"])]),
  );
  const now = new Map(set.map(({ name, reason }) => [name, reason]));
  const changes = [...new Set([...before.keys(), ...now.keys()])]
    .map((name) => ({ at, name, reason: now.get(name) ?? null }))
    .filter(({ name, reason }) => reason !== (before.get(name) ?? null));
  const insert = database.prepare("INSERT INTO switch_changes (at, name, reason) VALUES (?, ?, ?)");
  for (const change of changes) insert.run(change.at, change.name, change.reason);
  return changes;
}

/** The last `limit` changes, newest first. */
export function recentSwitches(database: DatabaseSync, limit: number): SwitchChange[] {
  return database
    .prepare("SELECT at, name, reason FROM switch_changes ORDER BY id DESC LIMIT ?")
    .all(limit)
    .map((row) => ({
      at: Number(row["at"]),
      name: String(row["name"]),
      reason: row["reason"] === null ? null : String(row["reason"]),
    }));
}

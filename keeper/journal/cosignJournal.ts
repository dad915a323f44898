import type { DatabaseSync } from "node:sqlite";
import { type Batch, type BatchUpdate, type Hex, updatesOf } from "../domain/batch.ts";
import { inTransaction } from "./database.ts";

/** A batch that this replica is about to sign for the quorum's door. */
export type Consent = {
  readonly at: number;
  readonly digest: Hex;
  readonly batch: Batch;
  /** An earlier consent whose deadline lies before this cannot land any more; Unix seconds. */
  readonly alive: number;
};

type Haircuts = Pick<BatchUpdate, "marketId" | "initialBps" | "maintenanceTargetBps">;

/**
 * Writes a consent and returns true, or false when `mayFollow` forbids it after an earlier one of the same sequence that
 * may still land. On disk when this returns, before anything is signed: a restart remembers. The same batch may always
 * be signed again.
 */
export function consent(
  database: DatabaseSync,
  { at, digest, batch, alive }: Consent,
  mayFollow: (fresh: readonly Haircuts[], earlier: readonly Haircuts[]) => boolean,
): boolean {
  const fresh = updatesOf(batch.entries).map(({ marketId, initialBps, maintenanceTargetBps }) => {
    return { marketId, initialBps, maintenanceTargetBps };
  });
  return inTransaction(database, () => {
    const earlier = database
      .prepare("SELECT digest, haircuts FROM consents WHERE sequence = ? AND deadline >= ?")
      .all(batch.sequence.toString(), alive);
    if (earlier.some((row) => row["digest"] === digest)) return true;
    if (!earlier.every((row) => mayFollow(fresh, JSON.parse(String(row["haircuts"])) as Haircuts[]))) return false;
    database
      .prepare("INSERT OR REPLACE INTO consents (digest, at, sequence, deadline, haircuts) VALUES (?, ?, ?, ?, ?)")
      .run(digest, at, batch.sequence.toString(), batch.deadline, JSON.stringify(fresh));
    return true;
  });
}

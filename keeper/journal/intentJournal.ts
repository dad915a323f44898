import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import { type Batch, type Hex, updatesOf } from "../domain/batch.ts";
import type { OnChainMarket } from "../domain/decision.ts";
import { TonsorError } from "../domain/errors.ts";
import {
  INTENT_STATUSES,
  type Intent,
  type IntentKind,
  type IntentPlan,
  type IntentStatus,
  type Route,
} from "../domain/intent.ts";
import { inTransaction } from "./database.ts";

const OPEN = Object.entries(INTENT_STATUSES)
  .filter(([, status]) => status.open)
  .map(([name]) => `'${name}'`)
  .join(", ");

/** How an intent ended, or that it is still open. */
export type IntentChange = {
  readonly status: IntentStatus;
  readonly at: number;
  readonly blockNumber?: bigint;
  readonly blockHash?: Hex;
  readonly feeWei?: bigint;
  readonly detail?: string;
  /** False: it ended, but is watched on. Absent: true for every status that is an end. */
  readonly final?: boolean;
};

/** Writes an intent as PLANNED and returns it; on disk when this returns, before anything is sent. */
export function planIntent(database: DatabaseSync, plan: IntentPlan): Intent {
  return inTransaction(database, () => {
    const { batch } = plan;
    const { lastInsertRowid } = database
      .prepare(
        `INSERT INTO intents (tick, planned_at, updated_at, status, sequence, evidence, batch, sender, recipient, nonce,
           gas_limit, max_fee_per_gas, max_priority_fee_per_gas, transaction_hash, raw_transaction, kind, replaces,
           tightens, route, planned_block)
         VALUES (?, ?, ?, 'PLANNED', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        plan.tick,
        plan.plannedAt,
        plan.plannedAt,
        batch.sequence.toString(),
        batch.evidence,
        JSON.stringify({ ...batch, sequence: batch.sequence.toString() }),
        plan.from,
        plan.to,
        plan.nonce,
        plan.gasLimit.toString(),
        plan.maxFeePerGas.toString(),
        plan.maxPriorityFeePerGas.toString(),
        plan.transactionHash,
        plan.rawTransaction,
        plan.kind,
        plan.replaces,
        plan.tightens === false ? 0 : 1,
        plan.route ?? "public",
        plan.plannedBlock?.toString() ?? null,
      );
    const id = Number(lastInsertRowid);
    const insert = database.prepare("INSERT INTO intent_markets VALUES (?, ?, ?, ?, ?)");
    for (const u of updatesOf(batch.entries)) insert.run(id, u.marketId, u.initialBps, u.maintenanceTargetBps, u.asOf);
    return intent(database, id);
  });
}

/** Writes what became of an intent. What is final is never changed back. */
export function resolveIntent(database: DatabaseSync, id: number, change: IntentChange): void {
  database
    .prepare(
      `UPDATE intents SET status = ?, updated_at = ?, block_number = ?, block_hash = ?, fee_wei = ?, detail = ?, final = ?
       WHERE id = ? AND final = 0`,
    )
    .run(
      change.status,
      change.at,
      change.blockNumber?.toString() ?? null,
      change.blockHash ?? null,
      change.feeWei?.toString() ?? null,
      change.detail ?? null,
      INTENT_STATUSES[change.status].open || change.final === false ? 0 : 1,
      id,
    );
}

/** Intents whose end is not known yet, those of the lowest nonce first, each nonce's oldest first. */
export function openIntents(database: DatabaseSync): Intent[] {
  return database.prepare(`SELECT * FROM intents WHERE status IN (${OPEN}) ORDER BY nonce, id`).all().map(intentOf);
}

/** The intent of an id. */
export function intent(database: DatabaseSync, id: number): Intent {
  const row = database.prepare("SELECT * FROM intents WHERE id = ?").get(id);
  if (row === undefined) throw new TonsorError("BAD_ARGUMENT", "no such intent", { field: "id", given: id });
  return intentOf(row);
}

/** The last `limit` intents, newest first. */
export function recentIntents(database: DatabaseSync, limit: number): Intent[] {
  return database.prepare("SELECT * FROM intents ORDER BY id DESC LIMIT ?").all(limit).map(intentOf);
}

/**
 * Values on their way to one market; null when nothing is. Only the newest open intent counts: those before it compete
 * for the same nonce, and it offers more.
 */
export function pendingUpdate(database: DatabaseSync, marketId: number): OnChainMarket["pending"] {
  const row = database
    .prepare(
      `SELECT m.* FROM intent_markets m JOIN intents i ON i.id = m.intent
       WHERE m.market_id = ? AND i.id = (SELECT MAX(id) FROM intents WHERE status IN (${OPEN}))`,
    )
    .get(marketId);
  if (row === undefined) return null;
  return {
    initialBps: Number(row["initial_bps"]),
    maintenanceTargetBps: Number(row["maintenance_target_bps"]),
    asOf: Number(row["as_of"]),
  };
}

export function intentOf(row: Record<string, SQLOutputValue>): Intent {
  const text = (column: string) => String(row[column]);
  const batch = JSON.parse(text("batch")) as Omit<Batch, "sequence"> & { sequence: string };
  return {
    id: Number(row["id"]),
    tick: Number(row["tick"]),
    plannedAt: Number(row["planned_at"]),
    updatedAt: Number(row["updated_at"]),
    status: text("status") as IntentStatus,
    kind: text("kind") as IntentKind,
    replaces: row["replaces"] === null ? null : Number(row["replaces"]),
    batch: { ...batch, sequence: BigInt(batch.sequence) },
    from: text("sender") as Hex,
    to: text("recipient") as Hex,
    nonce: Number(row["nonce"]),
    gasLimit: BigInt(text("gas_limit")),
    maxFeePerGas: BigInt(text("max_fee_per_gas")),
    maxPriorityFeePerGas: BigInt(text("max_priority_fee_per_gas")),
    transactionHash: text("transaction_hash") as Hex,
    rawTransaction: text("raw_transaction") as Hex,
    blockNumber: row["block_number"] === null ? null : BigInt(text("block_number")),
    blockHash: row["block_hash"] === null ? null : (text("block_hash") as Hex),
    feeWei: row["fee_wei"] === null ? null : BigInt(text("fee_wei")),
    final: row["final"] === 1,
    tightens: row["tightens"] === 1,
    route: text("route") as Route,
    plannedBlock: row["planned_block"] === null ? null : BigInt(text("planned_block")),
    detail: row["detail"] === null ? null : text("detail"),
  };
}

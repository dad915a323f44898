import type { DatabaseSync, SQLInputValue, SQLOutputValue } from "node:sqlite";
import type { Batch, Hex } from "../domain/contract.ts";
import { TonsorError } from "../domain/errors.ts";
import { INTENT_STATUSES, type Intent, type IntentPlan } from "../domain/intent.ts";
import type { Journal, Numbers } from "../domain/journal.ts";
import { insert, inTransaction, prepared } from "./database.ts";

/** The open states, as a list for SQL. */
export const OPEN = Object.entries(INTENT_STATUSES)
  .filter(([, status]) => status.open)
  .map(([name]) => `'${name}'`)
  .join(", ");

/** Ends that a block brought, and a reorganisation may undo. */
const ENDED_IN_BLOCK = "'CONFIRMED', 'REVERTED', 'SUPERSEDED'";

/** The journal of transactions. */
export function intentRecords(database: DatabaseSync) {
  const rows = (which: string, ...given: SQLInputValue[]) =>
    prepared(database, `SELECT * FROM intents ${which}`)
      .all(...given)
      .map(intentOf);
  const intent = (id: number): Intent => {
    const [found] = rows("WHERE id = ?", id);
    if (found !== undefined) return found;
    throw new TonsorError("BAD_ARGUMENT", "no such intent", { field: "id", given: id });
  };
  const intentOfHash = (hash: Hex) => rows("WHERE transaction_hash = ?", hash)[0] ?? null;
  const resolveIntent: Journal["resolveIntent"] = (id, change) => {
    const { status, at, blockNumber, blockHash = null, feeWei, detail = null, final = true } = change;
    prepared(
      database,
      `UPDATE intents SET status = ?, updated_at = ?, block_number = ?, block_hash = ?, fee_wei = ?, detail = ?, final = ?
         WHERE id = ? AND final = 0`,
    ).run(
      ...[status, at, blockNumber?.toString() ?? null, blockHash, feeWei?.toString() ?? null, detail],
      ...[INTENT_STATUSES[status].open || !final ? 0 : 1, id],
    );
  };
  return {
    planIntent: (plan) =>
      inTransaction(database, () => {
        const earlier = intentOfHash(plan.transactionHash);
        return intent(earlier === null ? planNew(database, plan) : planAgain(database, earlier, plan));
      }),
    markSent: (id, at) => resolveIntent(id, { status: "SENT", at }),
    markUnknown: (id, at, detail) => resolveIntent(id, { status: "UNKNOWN", at, detail }),
    resolveIntent,
    intent,
    intentOf: intentOfHash,
    openIntents: () => rows(`WHERE status IN (${OPEN}) ORDER BY nonce, id`),
    watchedIntents: () => rows(`WHERE final = 0 AND status IN (${ENDED_IN_BLOCK}) ORDER BY nonce, id`),
    recentIntents: (limit) => rows("ORDER BY id DESC LIMIT ?", limit),
    hashesFrom(start) {
      const sql = "SELECT transaction_hash AS hash FROM intents WHERE substr(transaction_hash, 1, ?) = ? LIMIT 2";
      return prepared(database, sql)
        .all(start.length, start)
        .map(({ hash }) => hash as Hex);
    },
    finalise(id) {
      prepared(database, `UPDATE intents SET final = 1 WHERE id = ? AND status IN (${ENDED_IN_BLOCK})`).run(id);
    },
    makePublic(id) {
      prepared(database, "UPDATE intents SET route = 'public' WHERE id = ?").run(id);
    },
    // Those before the newest compete for the same nonce, and it offers more. What brings lenders up takes no batch's place.
    pending() {
      const [newest] = rows(`WHERE status IN (${OPEN}) AND lenders = 0 ORDER BY id DESC LIMIT 1`);
      const values = newest?.batch.entries.map(({ marketId, initialBps, maintenanceTargetBps, limit, asOf }) => {
        return [marketId, { initialBps, maintenanceTargetBps, limit, asOf }] as const;
      });
      return new Map(values);
    },
    hasNonce(sender, nonce) {
      const sql = "SELECT 1 FROM intents WHERE sender = ? COLLATE NOCASE AND nonce = ? LIMIT 1";
      return prepared(database, sql).get(sender, nonce) !== undefined;
    },
    nonceFloor(sender) {
      const sql =
        "SELECT MAX(nonce) AS highest FROM intents WHERE sender = ? COLLATE NOCASE AND status IN ('CONFIRMED', 'REVERTED')";
      const highest = prepared(database, sql).get(sender)?.["highest"];
      return typeof highest === "number" ? highest + 1 : 0;
    },
    spentSince(sender, since, what) {
      const sql = `SELECT fee_wei, gas_limit, max_fee_per_gas FROM intents WHERE sender = ? COLLATE NOCASE AND updated_at >= ?
        AND lenders = ? AND (fee_wei IS NOT NULL OR status IN ('CONFIRMED', 'REVERTED'))`;
      const wei = (value: unknown) => BigInt(String(value));
      return prepared(database, sql)
        .all(sender, since, what === "lenders" ? 1 : 0)
        .reduce((sum, { fee_wei, gas_limit, max_fee_per_gas }) => {
          return sum + (fee_wei === null ? wei(gas_limit) * wei(max_fee_per_gas) : wei(fee_wei));
        }, 0n);
    },
  } satisfies Partial<Journal>;
}

function planNew(database: DatabaseSync, plan: IntentPlan): number {
  return insertIntent(database, plan, {
    status: "PLANNED",
    kind: plan.kind === "SYNC" ? "BATCH" : plan.kind,
    lenders: plan.kind === "SYNC" ? 1 : 0,
    replaces: plan.replaces,
    tightens: plan.tightens === false ? 0 : 1,
    route: plan.route ?? "public",
    planned_block: plan.plannedBlock?.toString() ?? null,
  });
}

/** The row that the identical bytes have already: as it is while it is open, planned anew when a node refused them. */
function planAgain(database: DatabaseSync, { id, status }: Intent, plan: IntentPlan): number {
  if (INTENT_STATUSES[status].open) return id;
  if (status !== "DROPPED") {
    const facts = { given: `${plan.transactionHash} ${status}`, expected: "a transaction that is in no block" };
    throw new TonsorError("TRANSACTION_UNKNOWN", "the same transaction has ended", facts);
  }
  prepared(database, "UPDATE intents SET final = 0 WHERE id = ?").run(id);
  prepared(
    database,
    `UPDATE intents SET status = 'PLANNED', tick = ?, planned_at = ?, updated_at = ?, replaces = ?, route = ?,
         planned_block = ?, detail = NULL WHERE id = ?`,
  ).run(
    ...[plan.tick, plan.plannedAt, plan.plannedAt, plan.replaces, plan.route ?? "public"],
    ...[plan.plannedBlock?.toString() ?? null, id],
  );
  return id;
}

type Transaction = Omit<IntentPlan, "kind" | "replaces">;

/** Writes an intent with the columns in `more` and the values of its markets; returns its id. */
export function insertIntent(database: DatabaseSync, one: Transaction, more: Parameters<typeof insert>[2]): number {
  const { batch } = one;
  const id = insert(database, "intents", {
    tick: one.tick,
    planned_at: one.plannedAt,
    updated_at: one.plannedAt,
    sequence: batch.sequence.toString(),
    evidence: batch.evidence,
    batch: JSON.stringify({ ...batch, sequence: batch.sequence.toString() }),
    sender: one.from,
    recipient: one.to,
    nonce: one.nonce,
    gas_limit: one.gasLimit.toString(),
    max_fee_per_gas: one.maxFeePerGas.toString(),
    max_priority_fee_per_gas: one.maxPriorityFeePerGas.toString(),
    transaction_hash: one.transactionHash,
    raw_transaction: one.rawTransaction,
    ...more,
  });
  const values = prepared(database, "INSERT INTO intent_markets VALUES (?, ?, ?, ?, ?)");
  for (const u of batch.entries) values.run(id, u.marketId, u.initialBps, u.maintenanceTargetBps, u.asOf);
  return id;
}

/** What is about to be signed for the signer quorum, see `Journal`. */
export function consentIn(database: DatabaseSync): Journal["consent"] {
  return ({ at, digest, batch, alive }, mayFollow) => {
    const fresh = batch.entries.map(({ marketId, initialBps, maintenanceTargetBps, limit }) => {
      return { marketId, initialBps, maintenanceTargetBps, limit };
    });
    const sequence = batch.sequence.toString();
    return inTransaction(database, () => {
      const sql = "SELECT digest, haircuts FROM consents WHERE sequence = ? AND deadline >= ?";
      const earlier = prepared(database, sql).all(sequence, alive);
      if (earlier.some((row) => row["digest"] === digest)) return true;
      if (!earlier.every((row) => mayFollow(fresh, JSON.parse(String(row["haircuts"])) as Numbers[]))) return false;
      const row = { digest, at, sequence, deadline: batch.deadline, haircuts: JSON.stringify(fresh) };
      insert(database, "consents", row, "REPLACE");
      return true;
    });
  };
}

function intentOf(row: Record<string, SQLOutputValue>): Intent {
  const text = (column: string) => String(row[column]);
  const bigintOrNull = (column: string) => (row[column] === null ? null : BigInt(text(column)));
  const batch = JSON.parse(text("batch")) as Omit<Batch, "sequence"> & { sequence: string };
  return {
    id: Number(row["id"]),
    tick: Number(row["tick"]),
    plannedAt: Number(row["planned_at"]),
    updatedAt: Number(row["updated_at"]),
    status: text("status") as Intent["status"],
    kind: row["lenders"] === 1 ? "SYNC" : (text("kind") as Intent["kind"]),
    replaces: row["replaces"] as number | null,
    batch: { ...batch, sequence: BigInt(batch.sequence) },
    from: text("sender") as Hex,
    to: text("recipient") as Hex,
    nonce: Number(row["nonce"]),
    gasLimit: BigInt(text("gas_limit")),
    maxFeePerGas: BigInt(text("max_fee_per_gas")),
    maxPriorityFeePerGas: BigInt(text("max_priority_fee_per_gas")),
    transactionHash: text("transaction_hash") as Hex,
    rawTransaction: text("raw_transaction") as Hex,
    blockNumber: bigintOrNull("block_number"),
    blockHash: row["block_hash"] as Hex | null,
    feeWei: bigintOrNull("fee_wei"),
    final: row["final"] === 1,
    tightens: row["tightens"] === 1,
    route: text("route") as Intent["route"],
    plannedBlock: bigintOrNull("planned_block"),
    detail: row["detail"] as string | null,
  };
}

import type { DatabaseSync } from "node:sqlite";
import { type Batch, type Hex, updatesOf } from "../domain/batch.ts";
import type { MarketHistory } from "../domain/decision.ts";
import { inTransaction } from "./database.ts";

/** One transaction that the chain has applied, as a journal would have it. */
export type RestoredTransaction = {
  /** Time of its evidence or, without that, of its block, Unix seconds. */
  readonly plannedAt: number;
  readonly blockNumber: bigint;
  readonly from: Hex;
  readonly to: Hex;
  readonly nonce: number;
  readonly gasLimit: bigint;
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
  readonly transactionHash: Hex;
  readonly batch: Batch;
};

/** What the keeper remembered about a market when it decided, and what that decision adds to it. */
export type RestoredMemory = {
  readonly marketId: number;
  readonly at: number;
  readonly history: MarketHistory;
  readonly loosened: boolean;
  readonly breaker: boolean;
};

/** Writes transactions, oldest first, and memories into an empty journal, all or nothing. */
export function restoreJournal(
  database: DatabaseSync,
  transactions: readonly RestoredTransaction[],
  memories: readonly RestoredMemory[],
): void {
  inTransaction(database, () => {
    for (const transaction of transactions) restoreTransaction(database, transaction);
    for (const memory of memories) restoreMemory(database, memory);
  });
}

function restoreTransaction(database: DatabaseSync, one: RestoredTransaction): void {
  const { batch, plannedAt } = one;
  const tick = Number(
    database
      .prepare("INSERT INTO ticks (now, block_number, finished_at, outcome, detail) VALUES (?, ?, ?, ?, ?)")
      .run(plannedAt, one.blockNumber.toString(), plannedAt, "CONFIRMED", "restored from the chain").lastInsertRowid,
  );
  const id = Number(
    database
      .prepare(
        `INSERT INTO intents (tick, planned_at, updated_at, status, sequence, evidence, batch, sender, recipient, nonce,
           gas_limit, max_fee_per_gas, max_priority_fee_per_gas, transaction_hash, raw_transaction, block_number, detail)
         VALUES (?, ?, ?, 'CONFIRMED', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', ?, 'restored from the chain')`,
      )
      .run(
        tick,
        plannedAt,
        plannedAt,
        batch.sequence.toString(),
        batch.evidence,
        JSON.stringify({ ...batch, sequence: batch.sequence.toString() }),
        one.from,
        one.to,
        one.nonce,
        one.gasLimit.toString(),
        one.maxFeePerGas.toString(),
        one.maxPriorityFeePerGas.toString(),
        one.transactionHash,
        one.blockNumber.toString(),
      ).lastInsertRowid,
  );
  const insert = database.prepare("INSERT INTO intent_markets VALUES (?, ?, ?, ?, ?)");
  for (const u of updatesOf(batch.entries)) insert.run(id, u.marketId, u.initialBps, u.maintenanceTargetBps, u.asOf);
}

function restoreMemory(database: DatabaseSync, { marketId, at, history, loosened, breaker }: RestoredMemory): void {
  const depth = database.prepare("INSERT OR REPLACE INTO depth_samples VALUES (?, ?, ?, ?)");
  const shocked = new Map(history.shockedDepth ?? []);
  for (const [time, usd] of history.depth) depth.run(marketId, time, usd, shocked.get(time) ?? null);
  if (history.lastImplied !== null) {
    database
      .prepare("INSERT OR REPLACE INTO implied_samples VALUES (?, ?, ?)")
      .run(marketId, history.lastImplied.time, history.lastImplied.vol);
  }
  const volatility = database.prepare("INSERT OR REPLACE INTO volatility_samples VALUES (?, ?, ?, ?)");
  for (const [source, time, vol] of history.lastVolatility) volatility.run(marketId, source, time, vol);
  const mark = database.prepare("INSERT OR REPLACE INTO marks VALUES (?, ?, ?)");
  if (history.lastBreaker !== null) mark.run(marketId, "breaker", history.lastBreaker);
  if (history.lastLoosening !== null) mark.run(marketId, "loosening", history.lastLoosening);
  if (breaker) mark.run(marketId, "breaker", at);
  if (loosened) mark.run(marketId, "loosening", at);
}

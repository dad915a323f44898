import type { DatabaseSync } from "node:sqlite";
import type { Hex } from "../domain/contract.ts";
import type { MarketHistory } from "../domain/decision.ts";
import type { IntentPlan } from "../domain/intent.ts";
import { insert, inTransaction, type JournalIdentity, openDatabase } from "./database.ts";
import { insertIntent } from "./intents.ts";

/** One transaction that the chain has applied, as a journal would have it. */
export type RestoredTransaction = Omit<IntentPlan, "kind" | "replaces" | "tick" | "rawTransaction" | "plannedBlock"> & {
  readonly blockNumber: bigint;
};

/** What the keeper remembered about a market when it decided, and what that decision adds to it. */
export type RestoredMemory = {
  readonly marketId: number;
  readonly at: number;
  readonly history: MarketHistory;
  readonly loosened: boolean;
  readonly breaker: boolean;
};

/** Writes transactions, oldest first, and memories into a new journal at `path`, all or nothing. */
export function restoreJournal(
  path: string,
  identity: JournalIdentity,
  transactions: readonly RestoredTransaction[],
  memories: readonly RestoredMemory[],
): void {
  const database = openDatabase(path, identity);
  try {
    inTransaction(database, () => {
      for (const transaction of transactions) restoreTransaction(database, transaction);
      for (const memory of memories) restoreMemory(database, memory);
    });
  } finally {
    database.close();
  }
}

function restoreTransaction(database: DatabaseSync, one: RestoredTransaction): void {
  const block_number = one.blockNumber.toString();
  const ended = { detail: "restored from the chain", block_number };
  const tick = insert(database, "ticks", {
    now: one.plannedAt,
    finished_at: one.plannedAt,
    outcome: "CONFIRMED",
    ...ended,
  });
  insertIntent(database, { ...one, tick, rawTransaction: "" as Hex }, { status: "CONFIRMED", ...ended });
}

function restoreMemory(database: DatabaseSync, { marketId, at, history, loosened, breaker }: RestoredMemory): void {
  const put = (table: string, row: Parameters<typeof insert>[2]) =>
    insert(database, table, { market_id: marketId, ...row }, "REPLACE");
  const shocked = new Map(history.shockedDepth ?? []);
  for (const [time, usd] of history.depth) put("depth_samples", { time, usd, shocked_usd: shocked.get(time) ?? null });
  for (const [time, rate] of history.rates ?? []) put("rate_samples", { time, rate });
  if (history.lastImplied !== null) put("implied_samples", { ...history.lastImplied });
  for (const [source, time, vol] of history.lastVolatility) put("volatility_samples", { source, time, vol });
  if (history.lastBreaker !== null) put("marks", { kind: "breaker", time: history.lastBreaker });
  if (history.lastLoosening !== null) put("marks", { kind: "loosening", time: history.lastLoosening });
  if (breaker) put("marks", { kind: "breaker", time: at });
  if (loosened) put("marks", { kind: "loosening", time: at });
}

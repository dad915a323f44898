import type { DatabaseSync } from "node:sqlite";
import { type Assessment, HELD_SOURCES } from "../domain/decision.ts";
import { SOURCE_BITS } from "../domain/risk.ts";
import { inTransaction } from "./database.ts";

/** One look at the world, as it is written down before anything is done about it. */
export type TickRecord = {
  /** The cycle's clock, Unix seconds. */
  readonly now: number;
  /** Block of all chain reads, or null when the chain could not be read. */
  readonly blockNumber: bigint | null;
  readonly markets: readonly TickMarket[];
};

/** One market of a tick: its assessment, or why there is none. */
export type TickMarket =
  | { readonly marketId: number; readonly market: string; readonly assessment: Assessment }
  | { readonly marketId: number; readonly market: string; readonly error: string };

/** An assessment without the boards and pools it was read from (those are in the evidence). */
export type AssessmentSummary = Omit<Assessment, "readings"> & {
  readonly readings: Pick<
    Assessment["readings"],
    "asOf" | "priceUsd" | "faults" | "confidence" | "sources" | "quarantine"
  >;
};

/** A tick as it stands in the journal. */
export type TickRow = {
  readonly id: number;
  readonly now: number;
  readonly blockNumber: bigint | null;
  readonly finishedAt: number | null;
  readonly outcome: string | null;
  readonly detail: string | null;
  readonly markets: readonly {
    readonly marketId: number;
    readonly market: string;
    readonly assessment: AssessmentSummary | null;
    readonly error: string | null;
  }[];
};

/** Writes a tick with all its assessments, samples and marks in one transaction; returns its id. */
export function recordTick(database: DatabaseSync, tick: TickRecord): number {
  return inTransaction(database, () => {
    const id = Number(
      database
        .prepare("INSERT INTO ticks (now, block_number) VALUES (?, ?)")
        .run(tick.now, tick.blockNumber?.toString() ?? null).lastInsertRowid,
    );
    const insert = database.prepare("INSERT INTO assessments VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
    for (const entry of tick.markets) {
      if ("error" in entry) {
        insert.run(id, entry.marketId, entry.market, tick.now, null, null, null, entry.error, null);
        continue;
      }
      const { decision } = entry.assessment;
      insert.run(
        id,
        entry.marketId,
        entry.market,
        tick.now,
        decision.action,
        decision.initialBps,
        decision.maintenanceTargetBps,
        null,
        JSON.stringify(summarise(entry.assessment)),
      );
      recordSamples(database, entry.marketId, tick.now, entry.assessment);
    }
    return id;
  });
}

/** Writes how a tick ended. */
export function finishTick(
  database: DatabaseSync,
  id: number,
  at: number,
  outcome: string,
  detail: string | null,
): void {
  database
    .prepare("UPDATE ticks SET finished_at = ?, outcome = ?, detail = ? WHERE id = ?")
    .run(at, outcome, detail, id);
}

/** The last `limit` ticks with `now` > `since`, newest first. */
export function recentTicks(database: DatabaseSync, limit: number, since: number): TickRow[] {
  const ticks = database.prepare("SELECT * FROM ticks WHERE now > ? ORDER BY id DESC LIMIT ?").all(since, limit);
  const assessments = database.prepare("SELECT * FROM assessments WHERE tick = ? ORDER BY market_id");
  return ticks.map((row) => ({
    id: Number(row["id"]),
    now: Number(row["now"]),
    blockNumber: row["block_number"] === null ? null : BigInt(String(row["block_number"])),
    finishedAt: row["finished_at"] === null ? null : Number(row["finished_at"]),
    outcome: row["outcome"] === null ? null : String(row["outcome"]),
    detail: row["detail"] === null ? null : String(row["detail"]),
    markets: assessments.all(Number(row["id"])).map((entry) => ({
      marketId: Number(entry["market_id"]),
      market: String(entry["market"]),
      assessment: entry["summary"] === null ? null : (JSON.parse(String(entry["summary"])) as AssessmentSummary),
      error: entry["error"] === null ? null : String(entry["error"]),
    })),
  }));
}

/** How the last `limit` ticks ended, newest first. */
export function recentOutcomes(database: DatabaseSync, limit: number): (string | null)[] {
  const rows = database.prepare("SELECT outcome FROM ticks ORDER BY id DESC LIMIT ?").all(limit);
  return rows.map((row) => (row["outcome"] === null ? null : String(row["outcome"])));
}

function summarise(assessment: Assessment): AssessmentSummary {
  const { asOf, priceUsd, faults, confidence, sources, quarantine } = assessment.readings;
  const readings = { asOf, priceUsd, faults, confidence, sources };
  return { ...assessment, readings: quarantine === undefined ? readings : { ...readings, quarantine } };
}

/** Only what was seen now becomes a sample: a held value must not renew itself. */
function recordSamples(database: DatabaseSync, marketId: number, now: number, assessment: Assessment): void {
  const { risk, decision } = assessment;
  const fresh = (bit: number, heldBit: number) => (decision.sources & bit) !== 0 && (decision.sources & heldBit) === 0;
  if (fresh(SOURCE_BITS.pools, SOURCE_BITS.heldDepth) && Number.isFinite(risk.depth.nowUsd)) {
    // As seen: a minimum over the last hour would never end.
    const shockedUsd = risk.depth.shockedNowUsd ?? risk.depth.shockedUsd;
    database
      .prepare("INSERT OR REPLACE INTO depth_samples VALUES (?, ?, ?, ?)")
      .run(marketId, now, risk.depth.nowUsd, shockedUsd);
  }
  const { implied } = risk.volatility;
  if (fresh(SOURCE_BITS.options, SOURCE_BITS.heldVolatility) && implied !== null && Number.isFinite(implied)) {
    database.prepare("INSERT OR REPLACE INTO implied_samples VALUES (?, ?, ?)").run(marketId, now, implied);
  }
  // The assessment carries what was seen, and null for what was held.
  const sample = database.prepare("INSERT OR REPLACE INTO volatility_samples VALUES (?, ?, ?, ?)");
  for (const source of HELD_SOURCES) {
    const vol = risk.volatility[source];
    if (vol !== null && Number.isFinite(vol)) sample.run(marketId, source, now, vol);
  }
  const mark = database.prepare("INSERT OR REPLACE INTO marks VALUES (?, ?, ?)");
  if (decision.breaker) mark.run(marketId, "breaker", now);
  if (decision.action === "submit" && decision.reasons.includes("LOOSEN")) mark.run(marketId, "loosening", now);
}

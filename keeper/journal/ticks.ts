import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import { DAY_SECONDS, HOUR_SECONDS } from "../domain/calendar.ts";
import { type Assessment, HELD_SOURCES, type MarketHistory } from "../domain/decision.ts";
import { type ErrorCode, ownError } from "../domain/errors.ts";
import type { AssessmentSummary, Journal, TickMarket, TickRecord, WrittenAssessment } from "../domain/journal.ts";
import { SOURCE_BITS } from "../domain/risk.ts";
import { insert, inTransaction, prepared } from "./database.ts";
import { type DepthMemory, depthMemory } from "./depthMemory.ts";

/** After so long a silence nothing is known of a venue any more, and it is judged by what it says. */
const QUARANTINE_DAYS = 7;
/** A jump of an exchange rate is believed, and a fall forgotten, after so long. */
const RATE_DAYS = 7;
/** Errors of writing itself. */
const UNWRITABLE: readonly ErrorCode[] = ["DISK_FULL", "JOURNAL_BUSY", "JOURNAL_BROKEN", "STATE_FAILED", "STATE_LOST"];

/**
 * What is written of an assessment. Boards, candles and pools stay out of it before it is looked through for secrets: for a
 * hundred markets that took two seconds.
 */
export function writtenOf(assessment: Assessment): WrittenAssessment {
  const { claim } = assessment.readings;
  const { readings, ...rest } = summarise(assessment);
  return { ...rest, readings: claim === undefined ? readings : { ...readings, claim: { rate: claim.rate } } };
}

/** Journals a cycle that came to nothing, with the code of its error: nothing was observed, so nothing else is known. */
export function recordFailure(store: Journal, at: number, error: unknown): void {
  const own = ownError(error);
  // What cannot be written was the failure: its own error is not to be hidden by another, nor waited for again.
  if (own !== null && UNWRITABLE.includes(own.code)) return;
  const detail = own === null ? String(error) : `${own.code}: ${own.message}`;
  store.finishTick(store.recordTick({ now: at, blockNumber: null, markets: [] }), at, "failed", detail);
}

/** The journal of ticks, and what the keeper remembers of markets by it. */
export function tickRecords(database: DatabaseSync) {
  const depth = depthMemory(database);
  return {
    recordTick: (tick) => recordTick(database, depth, tick),
    finishTick(id, at, outcome, detail) {
      const sql = "UPDATE ticks SET finished_at = ?, outcome = ?, detail = ? WHERE id = ?";
      prepared(database, sql).run(at, outcome, detail ?? null, id);
    },
    recentTicks(limit, since = -1) {
      const ticks = prepared(database, "SELECT * FROM ticks WHERE now > ? ORDER BY id DESC LIMIT ?").all(since, limit);
      const assessments = prepared(database, "SELECT * FROM assessments WHERE tick = ? ORDER BY market_id");
      return ticks.map((row) => ({
        id: Number(row["id"]),
        now: Number(row["now"]),
        blockNumber: row["block_number"] === null ? null : BigInt(String(row["block_number"])),
        finishedAt: row["finished_at"] as number | null,
        outcome: row["outcome"] as string | null,
        detail: row["detail"] as string | null,
        markets: assessments.all(Number(row["id"])).map((entry) => ({
          marketId: Number(entry["market_id"]),
          market: String(entry["market"]),
          assessment: entry["summary"] === null ? null : (JSON.parse(String(entry["summary"])) as AssessmentSummary),
          error: entry["error"] as string | null,
        })),
      }));
    },
    recentOutcomes(limit) {
      const rows = prepared(database, "SELECT outcome FROM ticks ORDER BY id DESC LIMIT ?").all(limit);
      return rows.map((row) => row["outcome"] as string | null);
    },
    promises(marketId) {
      const rows = prepared(database, "SELECT * FROM promises WHERE market_id = ? ORDER BY hour").all(marketId);
      return rows.map((row) => ({
        time: Number(row["time"]),
        priceUsd: Number(row["price_usd"]),
        initialVolatility: Number(row["initial_volatility"]),
        maintenanceVolatility: Number(row["maintenance_volatility"]),
        horizonHours: Number(row["horizon_hours"]),
      }));
    },
    history: (marketId, now) => marketHistory(database, depth.at(marketId, now), marketId, now),
  } satisfies Partial<Journal>;
}

/** Writes a tick with all its assessments, samples and marks in one transaction; returns its id. */
function recordTick(database: DatabaseSync, depth: DepthMemory, { now, blockNumber, markets }: TickRecord): number {
  const id = inTransaction(database, () => {
    const tick = insert(database, "ticks", { now, block_number: blockNumber?.toString() ?? null });
    for (const entry of markets) {
      const { marketId, market } = entry;
      insert(database, "assessments", { tick, market_id: marketId, market, now, ...assessmentColumns(entry) });
      if (!("assessment" in entry)) continue;
      recordSamples(database, marketId, now, entry.assessment);
      recordPromise(database, marketId, now, entry.assessment);
    }
    thin(database, tick, now, markets);
    return tick;
  });
  for (const entry of markets) {
    const sample = "assessment" in entry ? depthSample(entry.assessment) : null;
    if (sample !== null) depth.wrote(entry.marketId, now, sample.usd);
  }
  return id;
}

function assessmentColumns(entry: TickMarket) {
  if ("error" in entry) return { error: entry.error };
  const { action, initialBps, maintenanceTargetBps } = entry.assessment.decision;
  const summary = JSON.stringify(summarise(entry.assessment));
  return { action, initial_bps: initialBps, maintenance_target_bps: maintenanceTargetBps, summary };
}

function summarise(assessment: WrittenAssessment): AssessmentSummary {
  const { asOf, priceUsd, faults, confidence, sources, quarantine } = assessment.readings;
  const readings = { asOf, priceUsd, faults, confidence, sources };
  return { ...assessment, readings: quarantine === undefined ? readings : { ...readings, quarantine } };
}

/** Only what was observed now becomes a sample: a held value must not renew itself. */
function recordSamples(database: DatabaseSync, marketId: number, time: number, assessment: WrittenAssessment): void {
  const { risk, decision, readings } = assessment;
  const put = (table: string, row: Parameters<typeof insert>[2]) =>
    insert(database, table, { market_id: marketId, time, ...row }, "REPLACE");
  const depth = depthSample(assessment);
  if (depth !== null) put("depth_samples", depth);
  const { implied } = risk.volatility;
  if (
    isFresh(decision, SOURCE_BITS.options, SOURCE_BITS.heldVolatility) &&
    implied !== null &&
    Number.isFinite(implied)
  ) {
    put("implied_samples", { vol: implied });
  }
  // The assessment carries what was observed, and null for what was held.
  for (const source of HELD_SOURCES) {
    const vol = risk.volatility[source];
    if (vol !== null && Number.isFinite(vol)) put("volatility_samples", { source, vol });
  }
  const rate = readings.claim?.rate ?? null;
  if (rate !== null) put("rate_samples", { rate });
  if (decision.breaker) put("marks", { kind: "breaker" });
  if (decision.action === "submit" && decision.reasons.includes("LOOSEN")) put("marks", { kind: "loosening" });
}

/** Depth as observed, for a minimum over the last hour would never end; null where it was held. */
function depthSample({
  risk,
  decision,
}: WrittenAssessment): { readonly usd: number; readonly shocked_usd: number | null } | null {
  const { nowUsd, shockedUsd, shockedNowUsd } = risk.depth;
  if (!isFresh(decision, SOURCE_BITS.pools, SOURCE_BITS.heldDepth) || !Number.isFinite(nowUsd)) return null;
  return { usd: nowUsd, shocked_usd: shockedNowUsd ?? shockedUsd };
}

function isFresh({ sources }: WrittenAssessment["decision"], bit: number, heldBit: number): boolean {
  return (sources & bit) !== 0 && (sources & heldBit) === 0;
}

/** The last of each hour is kept, the hour's end included. */
function recordPromise(database: DatabaseSync, marketId: number, time: number, assessment: WrittenAssessment): void {
  const { readings, target, decision } = assessment;
  const { priceUsd } = readings;
  if (priceUsd === null || !(priceUsd > 0) || decision.reasons.includes("NO_DATA")) return;
  const row = {
    ...{ market_id: marketId, hour: Math.ceil(time / HOUR_SECONDS), time, price_usd: priceUsd },
    initial_volatility: target.initialTerms.volatility,
    maintenance_volatility: target.maintenanceTerms.volatility,
    horizon_hours: target.maintenanceTerms.horizonHours,
  };
  insert(database, "promises", row, "REPLACE");
}

/**
 * What the keeper remembers about one market at `now` (Unix seconds), and nothing later than `now`. Depth older than a day is
 * the lowest sample of each hour: less in the evidence, and never more depth than was observed. `initials` are the initial
 * haircuts (bps) of transactions planned in the last 24 h that were not lost.
 */
function marketHistory(
  database: DatabaseSync,
  depth: MarketHistory["depth"],
  marketId: number,
  now: number,
): MarketHistory {
  const one = (sql: string, ...given: SQLInputValue[]) => prepared(database, sql).get(...given);
  const pairs = (sql: string, ...given: SQLInputValue[]) =>
    prepared(database, sql)
      .all(...given)
      .map(({ time, value }) => [Number(time), Number(value)] as const);
  const lastMark = (kind: "breaker" | "loosening") => {
    const sql = "SELECT MAX(time) AS time FROM marks WHERE market_id = ? AND kind = ? AND time <= ?";
    return (one(sql, marketId, kind, now)?.["time"] ?? null) as number | null;
  };
  const lastDepth = depth.at(-1);
  const implied = one(
    "SELECT time, vol FROM implied_samples WHERE market_id = ? AND time <= ? ORDER BY time DESC LIMIT 1",
    ...[marketId, now],
  );
  const volatility =
    "SELECT time, vol FROM volatility_samples WHERE market_id = ? AND source = ? AND time <= ? ORDER BY time DESC LIMIT 1";
  // The last observation's; one that failed says nothing.
  const quarantine = one(
    `SELECT json_extract(a.summary, '$.readings.quarantine') AS sources
       FROM ticks t JOIN assessments a ON a.tick = t.id
       WHERE t.now <= ? AND t.now > ? AND a.market_id = ? AND a.summary IS NOT NULL
       ORDER BY t.now DESC, t.id DESC LIMIT 1`,
    ...[now, now - QUARANTINE_DAYS * DAY_SECONDS, marketId],
  )?.["sources"];
  const shockedDepth = pairs(
    `SELECT time, shocked_usd AS value FROM depth_samples
       WHERE market_id = ? AND time > ? AND time <= ? AND shocked_usd IS NOT NULL ORDER BY time`,
    ...[marketId, now - HOUR_SECONDS, now],
  );
  // The lowest of each day: what was there for one cycle sets no mark.
  const rates = pairs(
    `SELECT MIN(time) AS time, MIN(rate) AS value FROM rate_samples
       WHERE market_id = ? AND time > ? AND time <= ? GROUP BY time / ${DAY_SECONDS} ORDER BY time`,
    ...[marketId, now - RATE_DAYS * DAY_SECONDS, now],
  );
  return {
    depth,
    lastImplied: implied === undefined ? null : { time: Number(implied["time"]), vol: Number(implied["vol"]) },
    lastVolatility: HELD_SOURCES.flatMap((source) => {
      const row = one(volatility, marketId, source, now);
      return row === undefined ? [] : [[source, Number(row["time"]), Number(row["vol"])] as const];
    }),
    lastDepth: lastDepth === undefined ? null : { time: lastDepth[0], usd: lastDepth[1] },
    lastBreaker: lastMark("breaker"),
    lastLoosening: lastMark("loosening"),
    initials: pairs(
      `SELECT i.planned_at AS time, m.initial_bps AS value FROM intent_markets m JOIN intents i ON i.id = m.intent
         WHERE m.market_id = ? AND i.planned_at > ? AND i.planned_at <= ?
           AND i.status NOT IN ('REVERTED', 'DROPPED', 'SUPERSEDED') ORDER BY i.planned_at, i.id`,
      ...[marketId, now - DAY_SECONDS, now],
    ),
    ...(typeof quarantine === "string" ? { quarantine: JSON.parse(quarantine) } : {}),
    ...(shockedDepth.length === 0 ? {} : { shockedDepth }),
    ...(rates.length === 0 ? {} : { rates }),
  };
}

/** Ticks thinned with one new tick: more than come, so that what a pause left behind is made up for. */
const TICKS_AT_ONCE = 4;
/** A market's depth is thinned with one tick in so many. */
const TURNS = 60;

/**
 * Takes out of the journal, a little with each tick, what is older than a day and in whole hours: of ticks that led to no
 * transaction all but the last of the hour, of depth all but the lowest of the hour, which is all that is remembered of it.
 * @param tick the new one's id  @param now its time, Unix seconds
 */
function thin(database: DatabaseSync, tick: number, now: number, markets: readonly { marketId: number }[]): void {
  const edge = Math.floor((now - DAY_SECONDS) / HOUR_SECONDS) * HOUR_SECONDS;
  const idle = prepared(
    database,
    `SELECT id FROM ticks WHERE now < ? AND id NOT IN (SELECT tick FROM intents) AND EXISTS (
         SELECT 1 FROM ticks AS later WHERE later.now > ticks.now AND later.now < ${hourAfter("ticks.now")}
       ) ORDER BY now LIMIT ${TICKS_AT_ONCE}`,
  ).all(edge);
  for (const { id = null } of idle) {
    prepared(database, "DELETE FROM assessments WHERE tick = ?").run(id);
    prepared(database, "DELETE FROM ticks WHERE id = ?").run(id);
  }
  const depth = prepared(
    database,
    `DELETE FROM depth_samples WHERE market_id = :market AND time < :edge AND EXISTS (
       SELECT 1 FROM depth_samples AS lower WHERE lower.market_id = :market
         AND lower.time >= ${hourAfter("depth_samples.time")} - ${HOUR_SECONDS} AND lower.time < ${hourAfter("depth_samples.time")}
         AND (lower.usd < depth_samples.usd OR (lower.usd = depth_samples.usd AND lower.time < depth_samples.time)))`,
  );
  for (const { marketId } of markets) if (marketId % TURNS === tick % TURNS) depth.run({ market: marketId, edge });
}

/** End of the hour of a column. */
const hourAfter = (column: string): string => `(${column} / ${HOUR_SECONDS} + 1) * ${HOUR_SECONDS}`;

import type { DatabaseSync } from "node:sqlite";
import { DAY_SECONDS, HOUR_SECONDS } from "../domain/calendar.ts";
import { type Assessment, HELD_SOURCES, type MarketHistory } from "../domain/decision.ts";
import type {
  AssessmentSummary,
  PastPromise,
  TickMarket,
  TickRecord,
  TickRow,
  WrittenAssessment,
} from "../domain/journal.ts";
import { SOURCE_BITS } from "../domain/risk.ts";
import { insert, inTransaction, prepared } from "./database.ts";
import type { DepthMemory } from "./depthMemory.ts";
import { thin } from "./thinning.ts";

/** After so long a silence nothing is known of a venue any more, and it is judged by what it says. */
const QUARANTINE_DAYS = 7;
/** A jump of an exchange rate is believed, and a fall forgotten, after so long. */
const RATE_DAYS = 7;

/**
 * What is written of an assessment. Boards, candles and pools stay out of it before it is looked through for secrets: for a
 * hundred markets that took two seconds.
 */
export function writtenOf(assessment: Assessment): WrittenAssessment {
  const { claim } = assessment.readings;
  const { readings, ...rest } = summarise(assessment);
  return { ...rest, readings: claim === undefined ? readings : { ...readings, claim: { rate: claim.rate } } };
}

/** Writes a tick with all its assessments, samples and marks in one transaction; returns its id. */
export function recordTick(database: DatabaseSync, depth: DepthMemory, record: TickRecord): number {
  const { now, blockNumber, markets } = record;
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

export function recentTicks(database: DatabaseSync, limit: number, since: number): TickRow[] {
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

/** What was promised of a market at the end of each hour, oldest first. */
export function promises(database: DatabaseSync, marketId: number): PastPromise[] {
  const rows = prepared(database, "SELECT * FROM promises WHERE market_id = ? ORDER BY hour").all(marketId);
  return rows.map((row) => ({
    time: Number(row["time"]),
    priceUsd: Number(row["price_usd"]),
    initialVolatility: Number(row["initial_volatility"]),
    maintenanceVolatility: Number(row["maintenance_volatility"]),
    horizonHours: Number(row["horizon_hours"]),
  }));
}

/**
 * What the keeper remembers about one market at `now` (Unix seconds), and nothing later than `now`.
 *
 * Depth older than a day is thinned to the lowest sample of each hour: less in the evidence, and never more depth than
 * was observed. `initials` are the initial haircuts (bps) of transactions planned in the last 24 h that were not lost.
 */
export function marketHistory(
  database: DatabaseSync,
  memory: DepthMemory,
  marketId: number,
  now: number,
): MarketHistory {
  const depth = memory.at(marketId, now);
  const lastDepth = depth.at(-1);
  const implied = prepared(
    database,
    "SELECT time, vol FROM implied_samples WHERE market_id = ? AND time <= ? ORDER BY time DESC LIMIT 1",
  ).get(marketId, now);
  const initials = prepared(
    database,
    `SELECT i.planned_at AS time, m.initial_bps AS bps FROM intent_markets m JOIN intents i ON i.id = m.intent
       WHERE m.market_id = ? AND i.planned_at > ? AND i.planned_at <= ?
         AND i.status NOT IN ('REVERTED', 'DROPPED', 'SUPERSEDED') ORDER BY i.planned_at, i.id`,
  ).all(marketId, now - DAY_SECONDS, now);
  return {
    depth,
    lastImplied: implied === undefined ? null : { time: Number(implied["time"]), vol: Number(implied["vol"]) },
    lastVolatility: lastVolatility(database, marketId, now),
    lastDepth: lastDepth === undefined ? null : { time: lastDepth[0], usd: lastDepth[1] },
    lastBreaker: lastMark(database, marketId, "breaker", now),
    lastLoosening: lastMark(database, marketId, "loosening", now),
    initials: initials.map((row) => [Number(row["time"]), Number(row["bps"])] as const),
    ...lastQuarantine(database, marketId, now),
    ...shockedDepth(database, marketId, now),
    ...rates(database, marketId, now),
  };
}

/** What the last observation of the market left in quarantine; one that failed says nothing. */
function lastQuarantine(database: DatabaseSync, marketId: number, now: number): Pick<MarketHistory, "quarantine"> {
  const row = prepared(
    database,
    `SELECT json_extract(a.summary, '$.readings.quarantine') AS sources
       FROM ticks t JOIN assessments a ON a.tick = t.id
       WHERE t.now <= ? AND t.now > ? AND a.market_id = ? AND a.summary IS NOT NULL
       ORDER BY t.now DESC, t.id DESC LIMIT 1`,
  ).get(now, now - QUARANTINE_DAYS * DAY_SECONDS, marketId);
  const sources = row?.["sources"];
  return typeof sources === "string" ? { quarantine: JSON.parse(sources) } : {};
}

function shockedDepth(database: DatabaseSync, marketId: number, now: number): Pick<MarketHistory, "shockedDepth"> {
  const rows = prepared(
    database,
    `SELECT time, shocked_usd AS usd FROM depth_samples
       WHERE market_id = ? AND time > ? AND time <= ? AND shocked_usd IS NOT NULL ORDER BY time`,
  ).all(marketId, now - HOUR_SECONDS, now);
  if (rows.length === 0) return {};
  return { shockedDepth: rows.map((row) => [Number(row["time"]), Number(row["usd"])] as const) };
}

/** The lowest exchange rate of each day of the last week: what was there for one cycle sets no mark. */
function rates(database: DatabaseSync, marketId: number, now: number): Pick<MarketHistory, "rates"> {
  const rows = prepared(
    database,
    `SELECT MIN(time) AS time, MIN(rate) AS rate FROM rate_samples
       WHERE market_id = ? AND time > ? AND time <= ? GROUP BY time / ${DAY_SECONDS} ORDER BY time`,
  ).all(marketId, now - RATE_DAYS * DAY_SECONDS, now);
  if (rows.length === 0) return {};
  return { rates: rows.map((row) => [Number(row["time"]), Number(row["rate"])] as const) };
}

/** The newest sample of each source at `now`, in the order of the names. */
function lastVolatility(database: DatabaseSync, marketId: number, now: number): MarketHistory["lastVolatility"] {
  const newest = prepared(
    database,
    "SELECT time, vol FROM volatility_samples WHERE market_id = ? AND source = ? AND time <= ? ORDER BY time DESC LIMIT 1",
  );
  return HELD_SOURCES.flatMap((source) => {
    const row = newest.get(marketId, source, now);
    return row === undefined ? [] : [[source, Number(row["time"]), Number(row["vol"])] as const];
  });
}

function lastMark(database: DatabaseSync, marketId: number, kind: "breaker" | "loosening", now: number): number | null {
  const row = prepared(
    database,
    "SELECT MAX(time) AS time FROM marks WHERE market_id = ? AND kind = ? AND time <= ?",
  ).get(marketId, kind, now);
  return (row?.["time"] ?? null) as number | null;
}

import type { DatabaseSync } from "node:sqlite";
import { DAY_SECONDS, HOUR_SECONDS } from "../domain/calendar.ts";
import { HELD_SOURCES, type MarketHistory } from "../domain/decision.ts";

/** Depth is remembered for 28 days: every sample of the last day, before that the lowest of each hour. */
const DEPTH_DAYS = 28;

/** After so long a silence nothing is known of a venue any more, and it is judged by what it says. */
const QUARANTINE_DAYS = 7;

/**
 * What the keeper remembers about one market at `now` (Unix seconds), and nothing later than `now`, so that a replay
 * over a filled journal sees what was known at the time.
 *
 * Depth older than a day is thinned to the lowest sample of each hour: less in the evidence, and never more depth than
 * was seen. `initials` are the initial haircuts (bps) of transactions planned in the last 24 h that were not lost.
 */
export function marketHistory(database: DatabaseSync, marketId: number, now: number): MarketHistory {
  const depth = depthSamples(database, marketId, now);
  const lastDepth = depth.at(-1);
  const implied = database
    .prepare("SELECT time, vol FROM implied_samples WHERE market_id = ? AND time <= ? ORDER BY time DESC LIMIT 1")
    .get(marketId, now);
  const initials = database
    .prepare(
      `SELECT i.planned_at AS time, m.initial_bps AS bps FROM intent_markets m JOIN intents i ON i.id = m.intent
       WHERE m.market_id = ? AND i.planned_at > ? AND i.planned_at <= ?
         AND i.status NOT IN ('REVERTED', 'DROPPED', 'SUPERSEDED') ORDER BY i.planned_at, i.id`,
    )
    .all(marketId, now - DAY_SECONDS, now);
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
  };
}

/** What the last look at the market left in quarantine; a look that failed says nothing. */
function lastQuarantine(database: DatabaseSync, marketId: number, now: number): Pick<MarketHistory, "quarantine"> {
  const row = database
    .prepare(
      `SELECT json_extract(a.summary, '$.readings.quarantine') AS sources
       FROM ticks t JOIN assessments a ON a.tick = t.id
       WHERE t.now <= ? AND t.now > ? AND a.market_id = ? AND a.summary IS NOT NULL
       ORDER BY t.now DESC, t.id DESC LIMIT 1`,
    )
    .get(now, now - QUARANTINE_DAYS * DAY_SECONDS, marketId);
  const sources = row?.["sources"];
  return typeof sources === "string" ? { quarantine: JSON.parse(sources) } : {};
}

function depthSamples(database: DatabaseSync, marketId: number, now: number): (readonly [number, number])[] {
  const rows = database
    .prepare("SELECT time, usd FROM depth_samples WHERE market_id = ? AND time > ? AND time <= ? ORDER BY time")
    .all(marketId, now - DEPTH_DAYS * DAY_SECONDS, now);
  const thinned: (readonly [number, number])[] = [];
  for (const row of rows) {
    const time = Number(row["time"]);
    const usd = Number(row["usd"]);
    const previous = thinned.at(-1);
    const sameHour =
      previous !== undefined && Math.floor(previous[0] / HOUR_SECONDS) === Math.floor(time / HOUR_SECONDS);
    if (time > now - DAY_SECONDS || !sameHour) thinned.push([time, usd]);
    else if (usd < previous[1]) thinned[thinned.length - 1] = [time, usd];
  }
  return thinned;
}

function shockedDepth(database: DatabaseSync, marketId: number, now: number): Pick<MarketHistory, "shockedDepth"> {
  const rows = database
    .prepare(
      `SELECT time, shocked_usd AS usd FROM depth_samples
       WHERE market_id = ? AND time > ? AND time <= ? AND shocked_usd IS NOT NULL ORDER BY time`,
    )
    .all(marketId, now - HOUR_SECONDS, now);
  if (rows.length === 0) return {};
  return { shockedDepth: rows.map((row) => [Number(row["time"]), Number(row["usd"])] as const) };
}

/** The newest sample of each source at `now`, in the order of the names. */
function lastVolatility(database: DatabaseSync, marketId: number, now: number): MarketHistory["lastVolatility"] {
  const newest = database.prepare(
    "SELECT time, vol FROM volatility_samples WHERE market_id = ? AND source = ? AND time <= ? ORDER BY time DESC LIMIT 1",
  );
  return HELD_SOURCES.flatMap((source) => {
    const row = newest.get(marketId, source, now);
    return row === undefined ? [] : [[source, Number(row["time"]), Number(row["vol"])] as const];
  });
}

function lastMark(database: DatabaseSync, marketId: number, kind: "breaker" | "loosening", now: number): number | null {
  const row = database
    .prepare("SELECT MAX(time) AS time FROM marks WHERE market_id = ? AND kind = ? AND time <= ?")
    .get(marketId, kind, now);
  return typeof row?.["time"] === "number" ? row["time"] : null;
}

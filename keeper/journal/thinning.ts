import type { DatabaseSync } from "node:sqlite";
import { DAY_SECONDS, HOUR_SECONDS } from "../domain/calendar.ts";
import { prepared } from "./database.ts";

/** Ticks thinned with one new tick: more than come, so that what a pause left behind is made up for. */
const TICKS_AT_ONCE = 4;
/** A market's depth is thinned with one tick in so many. */
const TURNS = 60;

/**
 * Takes out of the journal, a little with each tick, what is older than a day and in whole hours: of ticks that led to no
 * transaction all but the last of the hour, of depth all but the lowest of the hour, which is all that is remembered of it.
 * @param tick the new one's id  @param now its time, Unix seconds
 */
export function thin(
  database: DatabaseSync,
  tick: number,
  now: number,
  markets: readonly { marketId: number }[],
): void {
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

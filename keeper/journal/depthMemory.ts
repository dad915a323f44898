import type { DatabaseSync } from "node:sqlite";
import { DAY_SECONDS, HOUR_SECONDS } from "../domain/calendar.ts";
import { prepared } from "./database.ts";

/** Depth is remembered for 28 days: every sample of the last day, before that the lowest of each hour. */
const DEPTH_DAYS = 28;

type Sample = readonly [time: number, usd: number];

/** Moved samples that are kept before the array is cut: half a day of minutes. */
const CUT = 720;

/** One market's samples up to a time, Unix seconds: the lowest of each hour of before a day, and from `next` on the younger ones. */
type Remembered = { upTo: number; readonly hours: Sample[]; readonly samples: Sample[]; next: number };

/** Depth of every market, read once and then led on: a month of it is two thousand rows a market. */
export type DepthMemory = {
  /** Samples that are remembered at `now` (Unix seconds), none of them later, oldest first. */
  at(marketId: number, now: number): readonly Sample[];
  /** Takes a sample that this process has written. */
  wrote(marketId: number, time: number, usd: number): void;
};

/** Reads a market's samples anew when another process has written, or where there are later ones than are asked for. */
export function depthMemory(database: DatabaseSync): DepthMemory {
  const markets = new Map<number, Remembered>();
  let version: unknown;
  return {
    at(marketId, now) {
      const found = prepared(database, "PRAGMA data_version").get()?.["data_version"];
      if (found !== version) markets.clear();
      version = found;
      const known = markets.get(marketId);
      if (known !== undefined && now >= known.upTo) return advanced(known, now);
      const samples = read(database, marketId, now);
      const memory = { upTo: now, hours: [], samples: samples.filter(([time]) => time <= now), next: 0 };
      if (memory.samples.length === samples.length) markets.set(marketId, memory);
      return advanced(memory, now);
    },
    wrote(marketId, time, usd) {
      const memory = markets.get(marketId);
      const isNewest = memory !== undefined && time > (memory.samples.at(-1)?.[0] ?? Number.NEGATIVE_INFINITY);
      if (!isNewest) return void markets.delete(marketId);
      memory.samples.push([time, usd]);
      memory.upTo = Math.max(memory.upTo, time);
    },
  };
}

function read(database: DatabaseSync, marketId: number, now: number): Sample[] {
  const sql = "SELECT time, usd FROM depth_samples WHERE market_id = ? AND time > ? ORDER BY time";
  const rows = prepared(database, sql).all(marketId, now - DEPTH_DAYS * DAY_SECONDS);
  return rows.map(({ time, usd }) => [Number(time), Number(usd)]);
}

const hourOf = ([time]: Sample): number => Math.floor(time / HOUR_SECONDS);

/** Moves what is older than a day by now to the hours, and forgets what is older than all. */
function advanced(memory: Remembered, now: number): readonly Sample[] {
  const { hours, samples } = memory;
  memory.upTo = now;
  for (let sample = samples[memory.next]; sample !== undefined; sample = samples[memory.next]) {
    if (sample[0] > now - DAY_SECONDS) break;
    const previous = hours.at(-1);
    if (previous === undefined || hourOf(previous) !== hourOf(sample)) hours.push(sample);
    else if (sample[1] < previous[1]) hours[hours.length - 1] = sample;
    memory.next += 1;
  }
  if (memory.next > CUT) {
    samples.splice(0, memory.next);
    memory.next = 0;
  }
  const old = hours.findIndex(([time]) => time > now - DEPTH_DAYS * DAY_SECONDS);
  hours.splice(0, old < 0 ? hours.length : old);
  return [...hours, ...samples.slice(memory.next)];
}

import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { journal } from "../../../test/chaos/support/audit.ts";
import { type ChaosWorld, PATIENT } from "../../../test/chaos/support/chaosWorld.ts";
import { httpFaultProxy } from "../../../test/chaos/support/httpFaultProxy.ts";
import { cyclesMore, cyclesOf, stopped } from "../../../test/chaos/support/running.ts";
import type { Child } from "../../../test/support/child.ts";
import { manyMarkets } from "./manyMarkets.ts";
import { watchMemory } from "./processMemory.ts";
import { serviceEnvironment } from "./serviceEnvironment.ts";
import { type Spread, spreadOf } from "./spread.ts";
import { type Traffic, watchTraffic } from "./traffic.ts";

/** What was measured of one keeper of many markets. Milliseconds, megabytes (2^20 bytes) and bytes. */
export type ManyFigures = {
  readonly markets: number;
  /** Of ticks that send nothing, from their beginning to their end; and of those that sent. */
  readonly quietTick: Spread;
  readonly sendingTick: Spread;
  /** The longest that the event loop stood still, second by second: from the process's start on, and in ticks that send nothing. */
  readonly stood: Spread;
  readonly stoodQuiet: Spread;
  readonly heap: Spread;
  readonly rss: Spread;
  /** Of each batch: its markets, its gas, and the bytes that it added to the evidence folder. */
  readonly batches: readonly { readonly markets: number; readonly gas: number; readonly evidenceBytes: number }[];
  /** What one quiet tick adds to the journal. */
  readonly journalBytes: number;
  /** Of one quiet tick. */
  readonly traffic: Traffic;
};

const TICK_SECONDS = 10;
/** A line of the probe is of the second before it. */
const PROBED_MS = 1_000;
const PROBE = fileURLToPath(new URL("insideProbe.ts", import.meta.url));

/** Lists the markets, lets a keeper send for all of them twice (the first evidence and one six hours later) and be quiet for `ticks`. */
export async function manyFigures(world: ChaosWorld, count: number, ticks: number): Promise<ManyFigures> {
  const own = await manyMarkets(world, count);
  const [node, venue] = [await httpFaultProxy(world.replica.url), await httpFaultProxy(world.venueUrl)];
  const traffic = watchTraffic(node, venue, () => undefined);
  const state = world.stateOf(`many-${count}`);
  const probe = join(world.folder, `probe-${count}`);
  const service = serviceEnvironment();
  const flags = (service["NODE_OPTIONS"] ?? "").replace(/--max-old-space-size=\d+/, "--max-old-space-size=512");
  const run = world.start("run --json", {
    ...{
      ...service,
      ...own,
      NODE_OPTIONS: `${flags} --import ${PROBE}`,
      BENCH_PROBE: probe,
    },
    ...{ RPC_URL: node.url, VENUE_URLS: `deribit=${venue.url}`, TONSOR_STATE: state, TONSOR_CONFIG: PATIENT },
    ...{ TICK_SECONDS: String(TICK_SECONDS), LOG_LEVEL: "debug" },
  });
  const batches: { markets: number; gas: number; evidenceBytes: number }[] = [];
  let kept = 0;
  /** Lets it send until every market was in a batch since `from`. */
  const sends = async () => {
    const sent = new Set<number>();
    for (let cycles = 0; sent.size < count && cycles < 40; cycles++) {
      await cyclesMore(run, 1);
      const confirmed = journal(world, state).filter(({ status }) => status === "CONFIRMED");
      for (const { batch, transactionHash: hash } of confirmed.slice(batches.length)) {
        for (const { marketId } of batch.entries) sent.add(marketId);
        const { gasUsed } = await world.node.getTransactionReceipt({ hash });
        const bytes = bytesBelow(join(state, "evidence"));
        batches.push({ markets: batch.entries.length, gas: Number(gasUsed), evidenceBytes: bytes - kept });
        kept = bytes;
      }
    }
  };
  try {
    await sends();
    await world.advance();
    await sends();
    const memory = watchMemory(run.pid);
    const before = {
      ticks: tookOf(run).length,
      journal: journalBytes(state),
      cycles: cyclesOf(run).length,
      at: Date.now(),
    };
    traffic.take(1);
    await cyclesMore(run, ticks);
    const done = cyclesOf(run).length - before.cycles;
    const quiet = traffic.take(done);
    const rss = memory.end();
    const growth = journalBytes(state) - before.journal;
    await stopped(run);
    const took = tookOf(run);
    const inside = readFileSync(probe, "utf8").trim().split("\n");
    const seen = inside.map((line) => JSON.parse(line) as { at: number; heapMb: number; stoodMs: number });
    return {
      markets: count,
      quietTick: spreadOf(took.slice(before.ticks)),
      sendingTick: spreadOf(took.slice(0, before.ticks)),
      stood: spreadOf(seen.map(({ stoodMs }) => stoodMs)),
      stoodQuiet: spreadOf(seen.filter(({ at }) => at > before.at + PROBED_MS).map(({ stoodMs }) => stoodMs)),
      heap: spreadOf(seen.map(({ heapMb }) => heapMb)),
      rss: spreadOf(rss.map((one) => one.rss)),
      batches,
      journalBytes: growth / done,
      traffic: quiet,
    };
  } finally {
    await node.close();
    await venue.close();
  }
}

/** Milliseconds that ticks took, from the log. */
function tookOf(run: Child): readonly number[] {
  return [...run.said().err.matchAll(/"tookMs":([\d.]+)/g)].map(([, took]) => Number(took));
}

function bytesBelow(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  return files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}

/** Bytes of the journal's pages that are in use. */
function journalBytes(state: string): number {
  const database = new DatabaseSync(join(state, "journal.sqlite"), { readOnly: true });
  try {
    const of = (name: string) => Number(Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0]);
    return (of("page_count") - of("freelist_count")) * of("page_size");
  } finally {
    database.close();
  }
}

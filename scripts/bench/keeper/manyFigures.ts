import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
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

/** What was measured of one process of many markets, of one chain or several. Milliseconds, megabytes (2^20 bytes) and bytes. */
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
  /** What one quiet tick of every chain adds to the journals. */
  readonly journalBytes: number;
  /** Of one quiet tick of every chain. */
  readonly traffic: Traffic;
};

const TICK_SECONDS = 10;
/** A line of the probe is of the second before it. */
const PROBED_MS = 1_000;
const PROBE = fileURLToPath(new URL("insideProbe.ts", import.meta.url));

/**
 * Lists the markets in the worlds' contracts, as many in each, lets one process of all chains send for all of them twice (the
 * first evidence and one six hours later) and be quiet for `ticks`. The venue is the first world's.
 */
export async function manyFigures(worlds: readonly ChaosWorld[], count: number, ticks: number): Promise<ManyFigures> {
  const [world] = worlds;
  if (world === undefined) throw new Error("no world");
  const venue = await httpFaultProxy(world.venueUrl);
  const nodes = await Promise.all(worlds.map(({ replica }) => httpFaultProxy(replica.url)));
  const traffic = watchTraffic(nodes, venue);
  const chains: Chain[] = [];
  for (const [n, one] of worlds.entries()) {
    const share = Math.ceil((count - n) / worlds.length);
    const state = one.stateOf(`many-${share}`);
    const variables = { ...(await manyMarkets(one, share)), RPC_URL: nodes[n]?.url ?? "", TONSOR_STATE: state };
    chains.push({ world: one, count: share, variables, state, batches: 0, kept: 0 });
  }
  const probe = join(world.folder, `probe-${count}`);
  const run = startChains(world, chains, { VENUE_URLS: `deribit=${venue.url}`, BENCH_PROBE: probe });
  const batches: Batch[] = [];
  try {
    await sends(run, chains, batches);
    await world.advance();
    for (const other of worlds.slice(1)) await other.goTo(world.instant());
    await sends(run, chains, batches);
    const memory = watchMemory(run.pid);
    const [tookBefore, cyclesBefore, at] = [tookOf(run).length, cyclesOf(run).length, Date.now()];
    const journals = () => chains.reduce((sum, { state }) => sum + journalBytes(state), 0);
    const journalBefore = journals();
    traffic.take(1);
    await cyclesMore(run, ticks * chains.length);
    const done = (cyclesOf(run).length - cyclesBefore) / chains.length;
    const quiet = traffic.take(done);
    const rss = memory.end();
    const growth = journals() - journalBefore;
    await stopped(run);
    const took = tookOf(run);
    const inside = readFileSync(probe, "utf8").trim().split("\n");
    const seen = inside.map((line) => JSON.parse(line) as { at: number; heapMb: number; stoodMs: number });
    return {
      markets: count,
      quietTick: spreadOf(took.slice(tookBefore)),
      sendingTick: spreadOf(took.slice(0, tookBefore)),
      stood: spreadOf(seen.map(({ stoodMs }) => stoodMs)),
      stoodQuiet: spreadOf(seen.filter((one) => one.at > at + PROBED_MS).map(({ stoodMs }) => stoodMs)),
      heap: spreadOf(seen.map(({ heapMb }) => heapMb)),
      rss: spreadOf(rss.map((one) => one.rss)),
      batches,
      journalBytes: growth / done,
      traffic: quiet,
    };
  } finally {
    for (const one of [...nodes, venue]) await one.close();
  }
}

type Batch = ManyFigures["batches"][number];

/** One chain of the process, and how much of what it sent was counted. */
type Chain = {
  readonly world: ChaosWorld;
  readonly count: number;
  readonly variables: Readonly<Record<string, string>>;
  readonly state: string;
  batches: number;
  kept: number;
};

/** Starts the keeper with the service's own limits but for the heap: as one of one chain, or with a file for each. */
function startChains(world: ChaosWorld, chains: readonly Chain[], more: Readonly<Record<string, string>>): Child {
  const service = serviceEnvironment();
  const flags = (service["NODE_OPTIONS"] ?? "").replace(/--max-old-space-size=\d+/, "--max-old-space-size=512");
  const shared = {
    ...{ ...service, NODE_OPTIONS: `${flags} --import ${PROBE}`, TONSOR_CONFIG: PATIENT },
    ...{ TICK_SECONDS: String(TICK_SECONDS), LOG_LEVEL: "debug", ...more },
  };
  const [only] = chains;
  if (chains.length === 1) return world.start("run --json", { ...shared, ...only?.variables });
  const files = chains.map(({ world: { replica }, variables }) => {
    const file = join(world.folder, `${replica.chainId}.env`);
    const lines = Object.entries({ ...variables, CHAIN_ID: String(replica.chainId) });
    writeFileSync(file, lines.map(([name, value]) => `${name}=${value}\n`).join(""));
    return `--env ${file}`;
  });
  // What the one world says of its own chain must not hide that of the others.
  return world.start(`run --json ${files.join(" ")}`, { ...shared, RPC_URL: undefined, CHAIN_ID: undefined });
}

/** Lets every chain send until each of its markets was in a batch. */
async function sends(run: Child, chains: readonly Chain[], batches: Batch[]): Promise<void> {
  const sent = new Map(chains.map((chain) => [chain, new Set<number>()] as const));
  const isDone = () => [...sent].every(([{ count }, ids]) => ids.size >= count);
  for (let cycles = 0; !isDone() && cycles < 40; cycles++) {
    await cyclesMore(run, chains.length);
    for (const chain of chains) {
      const { world, state } = chain;
      const confirmed = journal(world, state).filter(({ status }) => status === "CONFIRMED");
      for (const { batch, transactionHash: hash } of confirmed.slice(chain.batches)) {
        for (const { marketId } of batch.entries) sent.get(chain)?.add(marketId);
        const { gasUsed } = await world.node.getTransactionReceipt({ hash });
        const bytes = bytesBelow(join(state, "evidence"));
        batches.push({ markets: batch.entries.length, gas: Number(gasUsed), evidenceBytes: bytes - chain.kept });
        chain.kept = bytes;
      }
      chain.batches = confirmed.length;
    }
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

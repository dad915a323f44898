import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

import { decodeBundle, readEvidence } from "../../../keeper/evidence/bundle.ts";
import { evidenceFolder } from "../../../keeper/journal/evidenceFolder.ts";
import { assess } from "../../../keeper/pipeline.ts";
import { journal } from "../../../test/chaos/support/audit.ts";
import type { ChaosWorld } from "../../../test/chaos/support/chaosWorld.ts";
import { httpFaultProxy } from "../../../test/chaos/support/httpFaultProxy.ts";
import { cyclesMore, cyclesOf, stopped } from "../../../test/chaos/support/running.ts";
import type { Child } from "../../../test/support/child.ts";
import { startBareProcesses } from "./bareProcesses.ts";
import { type Memory, watchMemory } from "./processMemory.ts";
import { serviceEnvironment } from "./serviceEnvironment.ts";
import { type Spread, spreadOf } from "./spread.ts";
import { type Traffic, watchTraffic } from "./traffic.ts";

/** What was measured of one keeper, a process of its own against replica and venue. Milliseconds and megabytes. */
export type KeeperFigures = {
  /** From the last datum to the decisions about all markets, by the keeper's own stopwatch: the first, and the others. */
  readonly firstDecision: number;
  readonly decision: Spread;
  /** The same computation alone: time on the processor, without what else the machine does. */
  readonly decisionCpu: Spread;
  /** From a tick's beginning to its transaction at the node. */
  readonly triggerToSent: Spread;
  /** One question to the node the same way. */
  readonly roundTrip: Spread;
  /** How late ticks began, and the firings of a bare timer beside them. */
  readonly late: Spread;
  readonly bareLate: Spread;
  readonly rss: Spread;
  readonly pss: Spread;
  readonly bare: { readonly node: Memory; readonly client: Memory };
  /** Gas of an update of all markets, in the middle. */
  readonly gas: number;
  /** Of one tick that sends nothing. */
  readonly traffic: Traffic;
};

const SENDS = 5;
/** More than the keeper's confirmations. */
const FINAL_BLOCKS = 16;

/** Of this thread; of the whole process before Node 23.9. */
const cpuUsage = (process.threadCpuUsage ?? process.cpuUsage).bind(process);

export async function keeperFigures(world: ChaosWorld, name: string, ticks: number): Promise<KeeperFigures> {
  const [node, venue] = [await httpFaultProxy(world.replica.url), await httpFaultProxy(world.venueUrl)];
  const sent: number[] = [];
  const traffic = watchTraffic([node], venue, () => sent.push(Date.now()));
  const cache = mkdtempSync(join(tmpdir(), "tonsor-bench-"));
  const flags = { ...serviceEnvironment(), NODE_COMPILE_CACHE: cache };
  const state = world.stateOf(name);
  const urls = { RPC_URL: node.url, VENUE_URLS: `deribit=${venue.url}` };
  const begin = (folder: string) =>
    world.start("run --json", { ...flags, ...urls, TONSOR_STATE: folder, LOG_LEVEL: "debug" });
  try {
    // As on any machine after the first start: what was compiled once is there, also what only a later cycle loads.
    const warming = begin(world.stateOf(`${name}-warming`));
    await warming.until(() => cyclesOf(warming).length > 2, "three cycles");
    await stopped(warming);

    sent.length = 0;
    const run = begin(state);
    await run.until(() => cyclesOf(run).length >= 2, "two cycles");
    for (let n = 0; n < SENDS; n++) await oneSend(world, run, sent);
    const sentAt = [...sent];
    // What was sent is final by now, as it is through most of a day.
    await world.node.mine({ blocks: FINAL_BLOCKS, interval: 0 });
    await cyclesMore(run, 2);
    const bare = startBareProcesses(flags, world.replica.url);
    const before = ticksOf(run).length;
    const memory = watchMemory(run.pid);
    traffic.take(1);
    for (let left = ticks; left > 0; left -= 5) await cyclesMore(run, Math.min(5, left));
    const lateness = ticksOf(run).slice(before);
    const quiet = traffic.take(lateness.length);
    const seen = memory.end();
    const beside = bare.memory();
    const bareLate = await bare.end();
    const roundTrip = await roundTrips(node.url);
    await stopped(run);

    const decisions = logOf(run).flatMap(({ decisionMs }) => (typeof decisionMs === "number" ? [decisionMs] : []));
    const [firstDecision = Number.NaN, ...decided] = decisions;
    return {
      firstDecision,
      decision: spreadOf(decided),
      decisionCpu: await decisionCpu(world, state),
      triggerToSent: spreadOf(sentAt.flatMap((at) => sinceTick(run, at))),
      roundTrip,
      late: spreadOf(lateness.map(({ lateMs }) => Math.abs(lateMs))),
      bareLate: spreadOf(bareLate.map(Math.abs)),
      rss: spreadOf(seen.map(({ rss }) => rss)),
      pss: spreadOf(seen.map(({ pss }) => pss)),
      bare: beside,
      gas: await gasOf(world, state),
      traffic: quiet,
    };
  } finally {
    await node.close();
    await venue.close();
    rmSync(cache, { recursive: true, force: true });
  }
}

/** Moves the market until a running keeper has sent once more. */
async function oneSend(world: ChaosWorld, run: Child, sent: readonly number[]): Promise<void> {
  const before = sent.length;
  for (let tries = 0; sent.length === before && tries < 5; tries++) {
    await world.advance();
    await cyclesMore(run, 3);
  }
}

type LogLine = Readonly<Record<string, unknown>>;

function logOf(run: Child): readonly LogLine[] {
  const lines = run.said().err.split("\n");
  return lines.filter((line) => line.startsWith("{") && line.endsWith("}")).map((line) => JSON.parse(line) as LogLine);
}

/** Beginnings of ticks from the log: wall time in milliseconds, and how late. */
function ticksOf(run: Child): readonly { readonly at: number; readonly lateMs: number }[] {
  return logOf(run)
    .filter(({ kind }) => kind === "tick")
    .map(({ time, lateMs }) => ({ at: Date.parse(String(time)), lateMs: Number(lateMs) }));
}

/** Milliseconds from the beginning of the tick under way at `at` until then. */
function sinceTick(run: Child, at: number): readonly number[] {
  const began = ticksOf(run).findLast((tick) => tick.at <= at)?.at;
  return began === undefined ? [] : [at - began];
}

async function roundTrips(url: string): Promise<Spread> {
  const took: number[] = [];
  for (let n = 0; n < 50; n++) {
    const started = performance.now();
    const body = JSON.stringify({ jsonrpc: "2.0", id: n, method: "eth_blockNumber", params: [] });
    await (await fetch(url, { method: "POST", body, headers: { "content-type": "application/json" } })).text();
    took.push(performance.now() - started);
    await setTimeout(5);
  }
  return spreadOf(took);
}

/** Decides from stored inputs of all markets again and again, each time from objects that the model has not met. */
async function decisionCpu(world: ChaosWorld, state: string): Promise<Spread> {
  const largest = whole(journal(world, state)).at(-1);
  if (largest === undefined) throw new Error("nothing was sent");
  const stored = await readEvidence(evidenceFolder(join(state, "evidence")), largest.batch.evidence);
  const times: number[] = [];
  for (let round = 0; round < 110; round++) {
    const { now, markets } = decodeBundle(stored);
    const before = cpuUsage();
    for (const { parameters: market, observed, history, onChain } of markets) {
      assess({ now, market, observed, history, onChain });
    }
    const { user, system } = cpuUsage(before);
    if (round >= 10) times.push((user + system) / 1_000);
  }
  return spreadOf(times);
}

async function gasOf(world: ChaosWorld, state: string): Promise<number> {
  const used = whole(journal(world, state)).map(async ({ transactionHash: hash }) =>
    Number((await world.node.getTransactionReceipt({ hash })).gasUsed),
  );
  return spreadOf(await Promise.all(used)).median;
}

/** Confirmed updates of as many markets as any has. */
function whole(intents: ReturnType<typeof journal>): ReturnType<typeof journal> {
  const sizeOf = (intent: (typeof intents)[number]) => intent.batch.entries.length;
  const confirmed = intents.filter(({ status }) => status === "CONFIRMED");
  const most = Math.max(...confirmed.map(sizeOf));
  return confirmed.filter((intent) => sizeOf(intent) === most);
}

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { decodeBundle } from "../../keeper/evidence/bundle.ts";
import { assess } from "../../keeper/pipeline.ts";
import { evidenceFolder } from "../../keeper/runtime/evidenceFolder.ts";
import { monotonicClock } from "../../keeper/runtime/monotonicClock.ts";
import { runSchedule } from "../../keeper/runtime/schedule.ts";
import { journal } from "../../test/chaos/support/audit.ts";
import type { ChaosWorld } from "../../test/chaos/support/chaosWorld.ts";
import { httpFaultProxy } from "../../test/chaos/support/httpFaultProxy.ts";
import { cyclesMore, cyclesOf, stopped } from "../../test/chaos/support/running.ts";

/** What was measured on one keeper, as a process against replica and venue. */
export type KeeperFigures = {
  /** Milliseconds from observations to decision of one market, median and worst of a hundred. */
  readonly decision: { readonly median: number; readonly worst: number };
  /** Milliseconds from a tick's first request to node or venue to its transaction, as two proxies see them. */
  readonly triggerToSent: number;
  /** Megabytes of the process after its ticks. */
  readonly rssMegabytes: number;
  /** Gas of one update of both markets. */
  readonly gas: number;
};

export async function keeperFigures(world: ChaosWorld): Promise<KeeperFigures> {
  const state = world.stateOf("bench");
  const [proxy, venue] = [await httpFaultProxy(world.replica.url), await httpFaultProxy(world.venueUrl)];
  // A tick begins with its first question to node or venue after a pause; the last beginning before the send counts.
  let [lastRequest, tickBegan, sent] = [0, 0, 0];
  const seen = ({ body }: { readonly body: string }) => {
    const now = performance.now();
    if (now - lastRequest > 250) tickBegan = now;
    lastRequest = now;
    if (sent === 0 && body.includes("eth_sendRawTransaction")) sent = now - tickBegan;
    return "none" as const;
  };
  proxy.rule = seen;
  venue.rule = seen;
  try {
    const run = world.start("run --json", {
      TONSOR_STATE: state,
      RPC_URL: proxy.url,
      DERIBIT_URL: venue.url,
      LOG_LEVEL: "warn",
      TONSOR_CLOCK: "chain",
    });
    await run.until(() => cyclesOf(run).length >= 2, "two cycles");
    sent = 0;
    run.kill("SIGSTOP");
    await world.advance();
    run.kill("SIGCONT");
    await cyclesMore(run, 20);
    const rssMegabytes = residentMegabytes(run.pid);
    await stopped(run);
    const intents = journal(world, state);
    const last = intents.at(-1);
    if (last === undefined) throw new Error("nothing was sent");
    const receipt = await world.node.getTransactionReceipt({ hash: last.transactionHash });
    const bytes = await evidenceFolder(join(state, "evidence")).get(last.batch.evidence);
    return { decision: decisionTimes(bytes), triggerToSent: sent, rssMegabytes, gas: Number(receipt.gasUsed) };
  } finally {
    await proxy.close();
    await venue.close();
  }
}

/** Decides from the same stored inputs again and again, each time from objects that the model has not seen. */
function decisionTimes(bytes: Uint8Array): KeeperFigures["decision"] {
  const times: number[] = [];
  for (let round = 0; round < 110; round++) {
    const { now, markets } = decodeBundle(bytes);
    for (const { parameters: market, observed, history, onChain } of markets) {
      const started = performance.now();
      assess({ now, market, observed, history, onChain });
      if (round >= 10) times.push(performance.now() - started);
    }
  }
  times.sort((a, b) => a - b);
  return { median: times[times.length >> 1] ?? Number.NaN, worst: times.at(-1) ?? Number.NaN };
}

function residentMegabytes(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kilobytes) / 1_024;
}

/** How late ticks begin on the embedded schedule, milliseconds: median and 99th percentile of `ticks`. */
export async function tickJitter(ticks: number): Promise<{ readonly median: number; readonly p99: number }> {
  const late: number[] = [];
  await runSchedule(async () => void (await setTimeout(5)), {
    everyMs: 50,
    softTimeoutMs: 1_000,
    hardTimeoutMs: 2_000,
    clock: monotonicClock,
    signal: new AbortController().signal,
    ticks,
    onEvent: (event) => void (event.kind === "tick" && late.push(event.lateMs)),
  });
  late.sort((a, b) => a - b);
  return { median: late[late.length >> 1] ?? 0, p99: late[Math.floor(late.length * 0.99)] ?? 0 };
}

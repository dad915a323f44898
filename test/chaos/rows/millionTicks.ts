import { setImmediate } from "node:timers/promises";
import { openJournal } from "../../../keeper/journal/journal.ts";
import type { MonotonicClock } from "../../../keeper/runtime/clock.ts";
import { runSchedule } from "../../../keeper/runtime/schedule.ts";
import { atMost, type ChaosRow, NOT_COUNTED } from "../row.ts";

const IDENTITY = { chainId: 31_337, contract: `0x${"5f".repeat(20)}` };
/** A journal row each so many ticks, so that the disk is not what is measured. */
const ROW_EVERY = 50;

/** The schedule and the journal with its retention, through two years of minutes. */
export const millionTicks: ChaosRow = {
  fault: "1e6 compressed ticks",
  mark: "memory and handles flat",
  gate: true,
  async run({ short, random }) {
    const ticks = short ? 50_000 : 1_000_000;
    const clock = quickClock();
    const store = openJournal(":memory:", IDENTITY);
    let late = 0;
    const began = measure();
    let warm = began;
    let failed = 0;
    await runSchedule(
      async (_, number) => {
        if (number === Math.floor(ticks / 10)) warm = measure();
        if (number % ROW_EVERY === 0) {
          const now = Math.floor(clock.now() / 1_000);
          store.finishTick(store.recordTick({ now, blockNumber: 1n, markets: [] }), now, "held");
          if (number % (ROW_EVERY * 200) === 0) store.prune(now, 35);
        }
        // Some ticks fail, some take longer than an interval.
        if (random() < 0.01) throw new Error("a venue is silent");
        if (random() < 0.01) await clock.sleep(150_000, new AbortController().signal);
      },
      {
        everyMs: 60_000,
        softTimeoutMs: 200_000,
        hardTimeoutMs: 400_000,
        clock,
        signal: new AbortController().signal,
        ticks,
        onEvent(event) {
          if (event.kind === "failed") failed += 1;
          if (event.kind === "tick") late = Math.max(late, event.lateMs);
        },
      },
    );
    const end = measure();
    const rows = store.recentTicks(1_000_000).length;
    store.close();
    return {
      ledger: { ...NOT_COUNTED, recovered: failed > 0 },
      findings: [
        atMost("heap grew after the first tenth, MB", (end.heap - warm.heap) / 2 ** 20, 25),
        atMost("handles grew", end.handles - warm.handles, 1),
        atMost("latest tick, ms of the schedule's clock", late, 1),
        atMost("journal rows kept", rows, (40 * 1_440) / ROW_EVERY + 400),
      ],
    };
  },
};

function measure() {
  globalThis.gc?.();
  return { heap: process.memoryUsage().heapUsed, handles: process.getActiveResourcesInfo().length };
}

/** A clock whose time passes when everyone waits: the shortest wait ends first. */
function quickClock(): MonotonicClock {
  let time = 0;
  type Sleeper = { readonly at: number; readonly wake: () => void };
  const sleepers = new Set<Sleeper>();
  let turning = false;
  const turn = async () => {
    turning = true;
    while (sleepers.size > 0) {
      await setImmediate();
      let next: Sleeper | null = null;
      for (const one of sleepers) if (next === null || one.at < next.at) next = one;
      if (next === null) break;
      time = Math.max(time, next.at);
      next.wake();
    }
    turning = false;
  };
  return {
    now: () => time,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const wake = () => {
          sleepers.delete(sleeper);
          signal.removeEventListener("abort", wake);
          resolve();
        };
        const sleeper = { at: time + ms, wake };
        sleepers.add(sleeper);
        if (signal.aborted) wake();
        else signal.addEventListener("abort", wake, { once: true });
        if (!turning) void turn();
      }),
  };
}

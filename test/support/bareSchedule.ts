import { monotonicClock } from "../../keeper/runtime/clock.ts";
import { runRedisSchedule } from "../../keeper/runtime/redis/redisSchedule.ts";
import { openTickQueue } from "../../keeper/runtime/redis/tickQueue.ts";

/** The keeper's schedule on Redis with ticks that do nothing: what it needs does not hang on what a tick costs. */
export type BareSchedule = {
  /** The first tick, by the queue or the own clock, after a time of `performance.now()`; null: none yet. */
  tickAfter(time: number): number | null;
  /** The same for jobs of the queue. */
  jobAfter(time: number): number | null;
  /** Ticks from one time to another. */
  ticksIn(from: number, to: number): number;
  close(): Promise<void>;
};

/** @param url redis:// address of the server, or of a proxy before it */
export function bareSchedule(url: string, everyMs: number): BareSchedule {
  const ticks: number[] = [];
  const jobs: number[] = [];
  const stop = new AbortController();
  const running = runRedisSchedule(async () => void ticks.push(performance.now()), {
    everyMs,
    softTimeoutMs: 5_000,
    hardTimeoutMs: 10_000,
    clock: monotonicClock,
    signal: stop.signal,
    onEvent: () => {},
    onProblem: () => {},
    wallMs: Date.now,
    open: (handlers) =>
      openTickQueue({
        ...handlers,
        url,
        name: "bare",
        async onTick() {
          jobs.push(performance.now());
          await handlers.onTick();
        },
      }),
  });
  return {
    tickAfter: (time) => ticks.find((one) => one > time) ?? null,
    jobAfter: (time) => jobs.find((one) => one > time) ?? null,
    ticksIn: (from, to) => ticks.filter((one) => one > from && one <= to).length,
    async close() {
      stop.abort();
      await running;
    },
  };
}

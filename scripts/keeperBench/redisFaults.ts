import { setTimeout } from "node:timers/promises";
import { monotonicClock } from "../../keeper/runtime/monotonicClock.ts";
import { runRedisSchedule } from "../../keeper/runtime/redis/redisSchedule.ts";
import { openTickQueue } from "../../keeper/runtime/redis/tickQueue.ts";
import { plainQueue } from "../../test/support/plainQueue.ts";
import { type RedisServer, startRedis } from "../../test/support/redisServer.ts";

/** Seconds from the server's return to the next tick; null when none came in the time given. */
export type Resumption = {
  readonly fault: string;
  readonly oursTick: number | null;
  readonly oursJob: number | null;
  readonly plain: number | null;
};

const EVERY_MS = 1_000;
const PATIENCE_S = 20;

/** Times of something that happens, seconds since the start. */
type Times = number[];

/**
 * Puts our schedule and a plain BullMQ worker (library defaults, scheduler written once) on one redis-server and breaks
 * that: what each needs until it ticks again. A fault after which the plain one stays silent is followed by a new one of
 * it, so that every fault begins with both alive.
 */
export async function redisFaults(full: boolean, note: (text: string) => void): Promise<readonly Resumption[]> {
  const redis = await startRedis();
  const ticks: Times = [];
  const jobs: Times = [];
  const stop = new AbortController();
  const ours = runRedisSchedule(async () => void ticks.push(performance.now()), {
    everyMs: EVERY_MS,
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
        url: redis.url,
        name: "ours",
        async onTick() {
          jobs.push(performance.now());
          await handlers.onTick();
        },
      }),
  });
  let plain = await plainQueue(redis.port, EVERY_MS);
  const results: Resumption[] = [];
  try {
    for (const { name, seconds, begin, end } of faults(redis, full)) {
      note(name);
      await setTimeout(2_500);
      await begin();
      await setTimeout(seconds * 1_000);
      await end();
      const back = performance.now();
      const after = async (first: (time: number) => number | null) => {
        while (performance.now() - back < PATIENCE_S * 1_000) {
          const at = first(back);
          if (at !== null) return (at - back) / 1_000;
          await setTimeout(20);
        }
        return null;
      };
      const [oursTick, oursJob, other] = await Promise.all([
        after((time) => firstAfter(ticks, time)),
        after((time) => firstAfter(jobs, time)),
        after(plain.tickAfter),
      ]);
      results.push({ fault: name, oursTick, oursJob, plain: other });
      plain.abandon();
      plain = await plainQueue(redis.port, EVERY_MS);
    }
  } finally {
    plain.abandon();
    stop.abort();
    await ours;
    await redis.close();
  }
  return results;
}

const firstAfter = (times: Times, time: number) => times.find((one) => one > time) ?? null;

function faults(redis: RedisServer, full: boolean) {
  const killed = (seconds: number) => ({
    name: `killed ${seconds} s`,
    seconds,
    begin: () => redis.kill(),
    end: () => redis.restart(),
  });
  const command = (line: string) => async () => void (await redis.command(line));
  return [
    killed(3),
    killed(12),
    ...(full ? [killed(45), killed(120)] : []),
    { name: "FLUSHALL", seconds: 0, begin: command("FLUSHALL"), end: async () => {} },
    {
      name: "out of memory 6 s",
      seconds: 6,
      begin: command("CONFIG SET maxmemory 1"),
      end: command("CONFIG SET maxmemory 0"),
    },
    {
      name: "SIGSTOP 8 s",
      seconds: 8,
      begin: async () => redis.signal("SIGSTOP"),
      end: async () => redis.signal("SIGCONT"),
    },
  ];
}

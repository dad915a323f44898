import { setTimeout } from "node:timers/promises";
import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import { monotonicClock } from "../../keeper/runtime/monotonicClock.ts";
import { runRedisSchedule } from "../../keeper/runtime/redis/redisSchedule.ts";
import { openTickQueue } from "../../keeper/runtime/redis/tickQueue.ts";
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
  const plainTicks: Times = [];
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
  let plain = await plainWorker(redis, plainTicks);
  const results: Resumption[] = [];
  try {
    for (const { name, seconds, begin, end } of faults(redis, full)) {
      note(name);
      await setTimeout(2_500);
      await begin();
      await setTimeout(seconds * 1_000);
      await end();
      const back = performance.now();
      const after = async (times: Times) => {
        while (performance.now() - back < PATIENCE_S * 1_000) {
          const at = times.find((time) => time > back);
          if (at !== undefined) return (at - back) / 1_000;
          await setTimeout(20);
        }
        return null;
      };
      const [oursTick, oursJob, other] = await Promise.all([after(ticks), after(jobs), after(plainTicks)]);
      results.push({ fault: name, oursTick, oursJob, plain: other });
      plain.abandon();
      plain = await plainWorker(redis, plainTicks);
    }
  } finally {
    plain.abandon();
    stop.abort();
    await ours;
    await redis.close();
  }
  return results;
}

let made = 0;

/** The library as its guide shows it. */
async function plainWorker(redis: RedisServer, ticks: Times): Promise<{ abandon(): void }> {
  const options = { host: "127.0.0.1", port: redis.port, maxRetriesPerRequest: null };
  const connections = [new Redis(options), new Redis(options)];
  const [first, second] = connections;
  if (first === undefined || second === undefined) throw new Error("no connection");
  // An abandoned one may still wake up when its connection returns; it then writes into nothing.
  let counts = true;
  const name = `plain-${made++}`;
  const queue = new Queue(name, { connection: first });
  const worker = new Worker(name, async () => void (counts && ticks.push(performance.now())), { connection: second });
  queue.on("error", () => {});
  worker.on("error", () => {});
  for (const connection of connections) connection.on("error", () => {});
  await queue.upsertJobScheduler("tick", { every: EVERY_MS });
  return {
    abandon() {
      counts = false;
      void worker.close(true).catch(() => undefined);
      void queue.close().catch(() => undefined);
      for (const connection of connections) connection.disconnect();
    },
  };
}

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

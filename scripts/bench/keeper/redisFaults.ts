import { setTimeout } from "node:timers/promises";
import { bareSchedule } from "../../../test/support/bareSchedule.ts";
import { plainQueue } from "../../../test/support/plainQueue.ts";
import { type RedisServer, startRedis } from "../../../test/support/redisServer.ts";

/** Seconds from the server's return to the next tick; null when none came in the time given. */
type Resumption = {
  readonly fault: string;
  readonly oursTick: number | null;
  readonly oursJob: number | null;
  readonly plain: number | null;
};

const EVERY_MS = 1_000;
const PATIENCE_S = 20;

/**
 * Puts our schedule and a plain BullMQ worker (library defaults, scheduler written once) on one redis-server and breaks
 * that: what each needs until it ticks again. A fault after which the plain one stays silent is followed by a new one of
 * it, so that every fault begins with both alive.
 */
export async function redisFaults(full: boolean, note: (text: string) => void): Promise<readonly Resumption[]> {
  const redis = await startRedis();
  const ours = bareSchedule(redis.url, EVERY_MS);
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
        after(ours.tickAfter),
        after(ours.jobAfter),
        after(plain.tickAfter),
      ]);
      results.push({ fault: name, oursTick, oursJob, plain: other });
      plain.abandon();
      plain = await plainQueue(redis.port, EVERY_MS);
    }
  } finally {
    plain.abandon();
    await ours.close();
    await redis.close();
  }
  return results;
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

import { monotonicClock } from "../runtime/clock.ts";
import type { Config } from "../runtime/config.ts";
import type { Logger } from "../runtime/logger.ts";
import { withRedisLibraries } from "../runtime/redis/libraries.ts";
import { problemLog } from "../runtime/redis/redisSchedule.ts";
import { runSchedule, type ScheduleEnd, type ScheduleEvent } from "../runtime/schedule.ts";

/** How often a lasting complaint of the queue is repeated in the log. */
const REPEAT_MS = 60_000;

/**
 * Runs `tick` on the configured schedule until the signal aborts: the embedded loop, or, with `REDIS_URL`, jobs of a
 * queue that belongs to this keeper's contract and key, so that two processes of one key never run a cycle at once.
 */
export async function runTicks(
  tick: (signal: AbortSignal, number: number) => Promise<void>,
  options: {
    readonly config: Pick<Config, "tickSeconds" | "schedule" | "redisUrl">;
    readonly queueName: string;
    readonly log: Logger;
    readonly signal: AbortSignal;
    readonly onEvent: (event: ScheduleEvent) => void;
    readonly due?: () => AbortSignal;
  },
): Promise<ScheduleEnd> {
  const { config, log } = options;
  const schedule = {
    everyMs: config.tickSeconds * 1_000,
    softTimeoutMs: config.schedule.softTimeoutSeconds * 1_000,
    hardTimeoutMs: config.schedule.hardTimeoutSeconds * 1_000,
    clock: monotonicClock,
    signal: options.signal,
    onEvent: options.onEvent,
    ...(options.due === undefined ? {} : { due: options.due }),
  };
  const url = config.redisUrl;
  if (url === null) return runSchedule(tick, schedule);
  // The queue's libraries are loaded only where they are used: they cost start-up time and memory.
  const [{ runRedisSchedule }, { openTickQueue }] = await withRedisLibraries(() =>
    Promise.all([import("../runtime/redis/redisSchedule.ts"), import("../runtime/redis/tickQueue.ts")]),
  );
  const onProblem = problemLog({
    everyMs: REPEAT_MS,
    now: monotonicClock.now,
    write: ({ message, times }) => log.warn({ times }, `the tick queue complains: ${message}`),
  });
  return runRedisSchedule(tick, {
    ...schedule,
    onProblem,
    onEvent(event) {
      if (event.kind === "queueSilent")
        log.warn(event, "no tick came from the queue in time: ticking by the own clock");
      if (event.kind === "queueBack") log.info(event, "the queue ticks again");
      options.onEvent(event);
    },
    wallMs: Date.now,
    open: (handlers) => openTickQueue({ ...handlers, url, name: options.queueName }),
  });
}

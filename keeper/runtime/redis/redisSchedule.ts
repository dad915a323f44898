import { runOne, type ScheduleEnd, type ScheduleOptions } from "../schedule.ts";
import type { SchedulerState, TickQueue, TickQueueOptions } from "./tickQueue.ts";

/** The schedule's options, and the queue behind it. */
export type RedisScheduleOptions = ScheduleOptions & {
  /** Opens the queue with these handlers: `openTickQueue` with address and name, or a test's own. */
  readonly open: (handlers: Pick<TickQueueOptions, "everyMs" | "onTick" | "onProblem">) => TickQueue;
  readonly onProblem: (problem: Error) => void;
  /** The wall clock, Unix ms, by which the queue dates its jobs. */
  readonly wallMs: () => number;
};

/** Scheduler and concurrency are written again this often, and after every tick interval when that is shorter. */
const RENEW_MS = 2_000;
const LEAST_GRACE_MS = 500;
const MOST_GRACE_MS = 5_000;

/**
 * Runs `tick` at once and then for each job of the queue, one at a time, until the signal is aborted. The queue is never
 * waited for: a tick that is overdue by a quarter of the interval (0.5 to 5 s) is reported as `queueSilent` and run all
 * the same, on the monotonic clock, until jobs come again. So an outage of Redis, a lost scheduler or a stepped wall
 * clock costs one late tick. A job whose slot was looked at already is done without looking again: delivered twice,
 * it has one effect.
 */
export async function runRedisSchedule(
  tick: (signal: AbortSignal, number: number) => Promise<void>,
  options: RedisScheduleOptions,
): Promise<ScheduleEnd> {
  const { everyMs, clock, onEvent, onProblem } = options;
  const graceMs = Math.min(MOST_GRACE_MS, Math.max(LEAST_GRACE_MS, everyMs / 4));
  const renewMs = Math.min(RENEW_MS, everyMs);
  const over = new AbortController();
  const signal = AbortSignal.any([options.signal, over.signal]);
  let number = 0;
  let began = Number.NEGATIVE_INFINITY;
  let due = clock.now();
  let running: Promise<void> | null = null;
  let end = "stopped" as ScheduleEnd;
  /** When the queue fell silent; null while it speaks. */
  let silentSince: number | null = null;
  let announced = false;
  /** A new scheduler's second job may come nearly two intervals after its first; that is no outage. */
  let jobs = 0;
  const started = clock.now();
  let lastCount = 0;

  const finish = (how: ScheduleEnd) => {
    end = how;
    over.abort(new Error(`the schedule has ended: ${how}`));
  };

  /** Looks, unless a look is under way or this slot has had its own. */
  function look(): Promise<void> {
    if (running !== null) return running;
    const now = clock.now();
    if (signal.aborted || now - began < everyMs / 2) return Promise.resolve();
    const skipped = Number.isFinite(began) ? Math.max(0, Math.round((now - began) / everyMs) - 1) : 0;
    onEvent({ kind: "tick", tick: number, lateMs: Math.max(0, now - due), skipped });
    began = now;
    due = now + everyMs + (silentSince === null ? graceMs : 0);
    running = runOne(tick, number, { ...options, signal }).then((how) => {
      running = null;
      number += 1;
      if (how === "stuck") finish("stuck");
      else if (options.ticks !== undefined && number >= options.ticks) finish("finished");
    });
    return running;
  }

  /** Some process has had a job: the queue is alive. */
  function heard(): void {
    if (silentSince !== null && announced) onEvent({ kind: "queueBack", silentMs: clock.now() - silentSince });
    silentSince = null;
    announced = false;
    jobs += 1;
    due = clock.now() + everyMs + graceMs;
  }

  const queue = options.open({
    everyMs,
    onProblem,
    async onTick() {
      heard();
      await look();
    },
  });

  let renewing = false;
  async function renew(): Promise<void> {
    if (renewing) return;
    renewing = true;
    try {
      const state = await queue.renew();
      if (state.count > lastCount && lastCount > 0) heard();
      lastCount = state.count;
      if (movedAway(state, options.wallMs(), everyMs)) await queue.restart();
    } catch (error) {
      onProblem(error as Error);
    } finally {
      renewing = false;
    }
  }

  let renewAt = clock.now();
  try {
    void look();
    while (!signal.aborted) {
      const now = clock.now();
      if (now >= renewAt) {
        renewAt = now + renewMs;
        void renew();
      }
      if (now >= due && running === null) {
        silentSince ??= now;
        if (!announced && (jobs >= 2 || now - started >= 3 * everyMs)) {
          announced = true;
          onEvent({ kind: "queueSilent", sinceMs: now - began });
        }
        void look();
      }
      const wait = Math.min(renewAt, running === null ? due : renewAt) - clock.now();
      await clock.sleep(Math.max(1, wait), signal);
    }
    if (end !== "stuck") await running;
  } finally {
    await queue.close();
  }
  return end;
}

/** True when the next job lies further ahead than an interval: the clock that dated it was set back since. */
function movedAway({ nextMs }: SchedulerState, wallMs: number, everyMs: number): boolean {
  return nextMs > wallMs + 1.5 * everyMs + 1_000;
}

/** One line about a kind of problem: its newest words, and how often it came since the last line. */
export type ProblemLine = { readonly kind: string; readonly message: string; readonly times: number };

/** Most kinds that are told apart; what comes beyond shares one. */
const MOST_KINDS = 16;

/**
 * Returns a function that takes every complaint and calls `write` for the first of a kind at once, and then at most
 * once in `everyMs` with the count: an outage of hours stays at some lines an hour, however fast it complains. Kinds
 * are told apart by the message with its numbers left out.
 * @param now milliseconds of a clock that never jumps
 * @example const told = problemLog({ everyMs: 30_000, now: performance.now.bind(performance), write: log.warn })
 */
export function problemLog(options: {
  readonly everyMs: number;
  readonly now: () => number;
  readonly write: (line: ProblemLine) => void;
}): (problem: Error) => void {
  const kinds = new Map<string, { written: number; times: number }>();
  return (problem) => {
    const now = options.now();
    const named = kindOf(problem);
    const kind = kinds.has(named) || kinds.size < MOST_KINDS ? named : "other";
    const seen = kinds.get(kind);
    if (seen !== undefined && now - seen.written < options.everyMs) {
      seen.times += 1;
      return;
    }
    kinds.set(kind, { written: now, times: 0 });
    options.write({ kind, message: problem.message, times: (seen?.times ?? 0) + 1 });
  };
}

function kindOf(problem: Error): string {
  const code = (problem as NodeJS.ErrnoException).code;
  return (code ?? problem.message).replaceAll(/[0-9]+/g, "#").slice(0, 60);
}

import { runOne, type ScheduleEnd, type ScheduleOptions } from "../schedule.ts";
import type { SchedulerState, TickQueue, TickQueueOptions } from "./tickQueue.ts";

/** The schedule's options, and the queue behind it. */
type RedisScheduleOptions = ScheduleOptions & {
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

type Tick = (signal: AbortSignal, number: number) => Promise<void>;

/**
 * Runs `tick` at once and then for each job of the queue, one at a time, until the signal is aborted. The queue is never
 * waited for: a tick that is overdue by a quarter of the interval (0.5 to 5 s) is reported as `queueSilent` and run all
 * the same, on the monotonic clock, until jobs come again. So an outage of Redis, a lost scheduler or a stepped wall
 * clock costs one late tick. A job delivered twice has one effect: its second delivery runs nothing.
 */
export async function runRedisSchedule(tick: Tick, options: RedisScheduleOptions): Promise<ScheduleEnd> {
  const { everyMs, clock, onProblem } = options;
  const over = new AbortController();
  const signal = AbortSignal.any([options.signal, over.signal]);
  let end = "stopped" as ScheduleEnd;
  const watch = watchQueue(options);
  const runner = tickRunner(tick, { ...options, signal }, watch, (how) => {
    end = how;
    over.abort(new Error(`the schedule has ended: ${how}`));
  });
  const queue = options.open({
    everyMs,
    onProblem,
    async onTick() {
      watch.heard();
      await runner.run();
    },
  });
  const renew = renewer(queue, options, watch.heard);
  const renewMs = Math.min(RENEW_MS, everyMs);
  let renewAt = clock.now();
  try {
    void runner.run();
    while (!signal.aborted) {
      const now = clock.now();
      if (now >= renewAt) {
        renewAt = now + renewMs;
        void renew();
      }
      if (now >= watch.due() && runner.running() === null) {
        watch.missed(now, runner.began());
        void runner.run();
      }
      const next = runner.running() === null ? Math.min(renewAt, watch.due()) : renewAt;
      await clock.sleep(Math.max(1, next - clock.now()), signal);
    }
    if (end !== "stuck") await runner.running();
  } finally {
    await queue.close();
  }
  return end;
}

/** Whether the queue brings its jobs in time. Milliseconds of the monotonic clock. */
type QueueWatch = {
  /** When the next tick runs without a job. */
  due(): number;
  /** A tick begins; returns by how much it is late. */
  ticked(now: number): number;
  /** Some process has had a job: the queue is alive. */
  heard(): void;
  /** No job came in time; the last tick began at `lastTick`. */
  missed(now: number, lastTick: number): void;
};

function watchQueue({ everyMs, clock, onEvent }: ScheduleOptions): QueueWatch {
  const graceMs = Math.min(MOST_GRACE_MS, Math.max(LEAST_GRACE_MS, everyMs / 4));
  const started = clock.now();
  let due = started;
  /** When the queue fell silent; null while jobs come. */
  let silentSince: number | null = null;
  let announced = false;
  let jobs = 0;
  return {
    due: () => due,
    ticked(now) {
      const lateMs = Math.max(0, now - due);
      due = now + everyMs + (silentSince === null ? graceMs : 0);
      return lateMs;
    },
    heard() {
      if (silentSince !== null && announced) onEvent({ kind: "queueBack", silentMs: clock.now() - silentSince });
      silentSince = null;
      announced = false;
      jobs += 1;
      due = clock.now() + everyMs + graceMs;
    },
    missed(now, lastTick) {
      silentSince ??= now;
      // A new scheduler's second job may come nearly two intervals after its first; that is no outage.
      if (announced || (jobs < 2 && now - started < 3 * everyMs)) return;
      announced = true;
      onEvent({ kind: "queueSilent", sinceMs: now - lastTick });
    },
  };
}

/** Runs ticks one at a time, at most one in half an interval. */
type TickRunner = {
  /** Runs a tick, unless one is running or this interval has had its own. */
  run(): Promise<void>;
  running(): Promise<void> | null;
  /** When the last tick began; minus infinity before the first. */
  began(): number;
};

function tickRunner(
  tick: Tick,
  options: ScheduleOptions,
  watch: QueueWatch,
  finish: (how: ScheduleEnd) => void,
): TickRunner {
  const { everyMs, clock, signal, onEvent } = options;
  let number = 0;
  let began = Number.NEGATIVE_INFINITY;
  let running: Promise<void> | null = null;
  return {
    began: () => began,
    running: () => running,
    run() {
      if (running !== null) return running;
      const now = clock.now();
      if (signal.aborted || now - began < everyMs / 2) return Promise.resolve();
      const skipped = Number.isFinite(began) ? Math.max(0, Math.round((now - began) / everyMs) - 1) : 0;
      onEvent({ kind: "tick", tick: number, lateMs: watch.ticked(now), skipped });
      began = now;
      running = runOne(tick, number, options).then((how) => {
        running = null;
        number += 1;
        if (how === "stuck") finish("stuck");
        else if (options.ticks !== undefined && number >= options.ticks) finish("finished");
      });
      return running;
    },
  };
}

/** Returns a function that writes the scheduler again, and calls `heard` when another process has ticked since. */
function renewer(
  queue: TickQueue,
  { everyMs, wallMs, onProblem }: RedisScheduleOptions,
  heard: () => void,
): () => Promise<void> {
  let renewing = false;
  let lastCount = 0;
  return async () => {
    if (renewing) return;
    renewing = true;
    try {
      const state = await queue.renew();
      if (state.count > lastCount && lastCount > 0) heard();
      lastCount = state.count;
      if (movedAway(state, wallMs(), everyMs)) await queue.restart();
    } catch (error) {
      onProblem(error as Error);
    } finally {
      renewing = false;
    }
  };
}

/** True when the next job is further ahead than an interval: the clock that dated it was set back since. */
function movedAway({ nextMs }: SchedulerState, wallMs: number, everyMs: number): boolean {
  return nextMs > wallMs + 1.5 * everyMs + 1_000;
}

/** One line about a kind of problem: its newest message, and how often it came since the last line. */
type ProblemLine = { readonly kind: string; readonly message: string; readonly times: number };

/** Most kinds that are distinguished; what comes beyond shares one. */
const MOST_KINDS = 16;

/**
 * Returns a function that takes every complaint and calls `write` for the first of a kind at once, and then at most
 * once in `everyMs` with the count: an outage of hours writes a few lines an hour, however fast it complains. The kind
 * is the message with its numbers left out.
 * @param now milliseconds of a clock that never jumps
 * @example const onProblem = problemLog({ everyMs: 30_000, now: performance.now.bind(performance), write: log.warn })
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

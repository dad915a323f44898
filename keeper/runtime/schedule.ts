import type { MonotonicClock } from "./clock.ts";

/** Events of the schedule. Milliseconds of the monotonic clock. */
export type ScheduleEvent =
  | { readonly kind: "tick"; readonly tick: number; readonly lateMs: number; readonly skipped: number }
  | { readonly kind: "done"; readonly tick: number; readonly tookMs: number }
  | { readonly kind: "failed"; readonly tick: number; readonly error: unknown }
  | { readonly kind: "softTimeout"; readonly tick: number }
  | { readonly kind: "queueSilent"; readonly sinceMs: number }
  | { readonly kind: "queueBack"; readonly silentMs: number };

export type ScheduleOptions = {
  readonly everyMs: number;
  /** After this the tick's signal is aborted: it is asked to stop. */
  readonly softTimeoutMs: number;
  /** After this the tick counts as stuck and the schedule ends. */
  readonly hardTimeoutMs: number;
  readonly clock: MonotonicClock;
  /** Ends the schedule: a running tick is asked to stop and waited for. */
  readonly signal: AbortSignal;
  readonly onEvent: (event: ScheduleEvent) => void;
  /** Aborted when the next tick is due before its time; asked for after each tick. Absent: none ever is. */
  readonly due?: () => AbortSignal;
  /** Ticks to run; absent: for ever. */
  readonly ticks?: number;
};

/** Why the schedule ended. After "stuck" the process should exit with code 75: what hangs cannot be stopped from inside. */
export type ScheduleEnd = "stopped" | "finished" | "stuck";

/**
 * Runs `tick` at once and then on a fixed grid of `everyMs`, one at a time, until the signal is aborted. Ticks that
 * a long tick, a blocked process or a suspended machine has missed are skipped and not caught up: 30 days of sleep give
 * one tick, and the grid goes on. A tick that comes early begins the grid anew. A tick that fails is reported and does not
 * end the schedule.
 */
export async function runSchedule(
  tick: (signal: AbortSignal, number: number) => Promise<void>,
  options: ScheduleOptions,
): Promise<ScheduleEnd> {
  const { everyMs, clock, signal, onEvent } = options;
  let due = clock.now();
  let skipped = 0;
  for (let number = 0; !signal.aborted; number++) {
    if (options.ticks !== undefined && number >= options.ticks) return "finished";
    onEvent({ kind: "tick", tick: number, lateMs: clock.now() - due, skipped });
    if ((await runOne(tick, number, options)) === "stuck") return "stuck";
    // The next point of the grid that is not past.
    const passed = Math.max(0, Math.ceil((clock.now() - due) / everyMs) - 1);
    due += (passed + 1) * everyMs;
    skipped = passed;
    const wait = due - clock.now();
    const last = options.ticks !== undefined && number + 1 >= options.ticks;
    if (wait <= 0 || signal.aborted || last) continue;
    const { due: early } = options;
    await clock.sleep(wait, early === undefined ? signal : AbortSignal.any([signal, early()]));
    due = Math.min(due, clock.now());
  }
  return "stopped";
}

/** Runs one tick under its two time limits; "stuck" when it outlives the hard one. */
export async function runOne(
  tick: (signal: AbortSignal, number: number) => Promise<void>,
  number: number,
  options: Pick<ScheduleOptions, "clock" | "onEvent" | "softTimeoutMs" | "hardTimeoutMs" | "signal">,
): Promise<"settled" | "stuck"> {
  const { clock, onEvent, softTimeoutMs, hardTimeoutMs } = options;
  const soft = new AbortController();
  const settled = new AbortController();
  const started = clock.now();
  const work = (async () => tick(AbortSignal.any([soft.signal, options.signal]), number))().then(
    () => onEvent({ kind: "done", tick: number, tookMs: clock.now() - started }),
    (error: unknown) => onEvent({ kind: "failed", tick: number, error }),
  );
  const watch = (async () => {
    await clock.sleep(softTimeoutMs, settled.signal);
    if (settled.signal.aborted) return;
    onEvent({ kind: "softTimeout", tick: number });
    soft.abort(new Error(`tick ${number} took longer than ${softTimeoutMs} ms`));
    await clock.sleep(hardTimeoutMs - softTimeoutMs, settled.signal);
  })();
  const first = await Promise.race([work.then(() => "settled" as const), watch.then(() => "stuck" as const)]);
  settled.abort();
  return first;
}

/**
 * Returns the garbage of a tick, some forty megabytes, to the machine; the engine alone would keep the pages. Takes some
 * fifty milliseconds, so call it between two ticks. Not the collector's "last-resort", which throws compiled code away, too: every tick
 * then ran cold, at twice the time. Does nothing unless Node runs with --expose-gc, as the service does.
 */
export function collectGarbage(): void {
  globalThis.gc?.({ type: "major", execution: "sync", flavor: "regular" });
}

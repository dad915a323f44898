import { setTimeout } from "node:timers/promises";

/** Time that never jumps, and a wait that ends early when the signal is aborted. Milliseconds. */
export type MonotonicClock = { now(): number; sleep(ms: number, signal: AbortSignal): Promise<void> };

/** The machine's wall clock, Unix seconds. */
export const wallClock = (): number => Math.floor(Date.now() / 1000);

/** The machine's monotonic clock: setting the wall clock does not move it. */
export const monotonicClock: MonotonicClock = {
  now: () => performance.now(),
  sleep: async (ms, signal) => {
    // An aborted wait is an early end, not an error.
    await setTimeout(Math.max(0, ms), undefined, { signal }).catch(() => undefined);
  },
};

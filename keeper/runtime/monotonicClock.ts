import { setTimeout } from "node:timers/promises";
import type { MonotonicClock } from "./schedule.ts";

/** The machine's monotonic clock: setting the wall clock does not move it. */
export const monotonicClock: MonotonicClock = {
  now: () => performance.now(),
  sleep: async (ms, signal) => {
    // An aborted wait is an early end, not an error.
    await setTimeout(Math.max(0, ms), undefined, { signal }).catch(() => undefined);
  },
};

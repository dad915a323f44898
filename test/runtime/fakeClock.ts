import { setImmediate } from "node:timers/promises";
import type { MonotonicClock } from "../../keeper/runtime/clock.ts";

type Sleeper = { readonly at: number; readonly wake: () => void };

/** A clock whose time passes only when a test lets it. */
export class FakeClock implements MonotonicClock {
  time = 0;
  private readonly sleepers = new Set<Sleeper>();

  now(): number {
    return this.time;
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const sleeper = { at: this.time + ms, wake: () => wake() };
      const wake = () => {
        this.sleepers.delete(sleeper);
        resolve();
      };
      this.sleepers.add(sleeper);
      if (signal.aborted) wake();
      else signal.addEventListener("abort", wake, { once: true });
    });
  }

  /** Lets time pass, waking everyone due on the way in order. */
  async advance(ms: number): Promise<void> {
    const end = this.time + ms;
    for (;;) {
      await setImmediate();
      const [next] = [...this.sleepers].sort((a, b) => a.at - b.at);
      if (next === undefined || next.at > end) break;
      this.time = Math.max(this.time, next.at);
      next.wake();
    }
    this.time = end;
    await setImmediate();
  }

  /** A machine suspended: time jumps, and whoever slept wakes late. */
  async suspend(ms: number): Promise<void> {
    this.time += ms;
    await this.advance(0);
  }
}

import { setTimeout as sleepMs } from "node:timers/promises";
import { requireRange } from "../domain/errors.ts";

/** Requests one venue allows. */
export type RateLimit = { readonly perSecond: number; readonly burst: number };

/** A clock in milliseconds that only goes forward, and a sleep; replaced in tests. */
type Pace = {
  readonly nowMs: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
};

type Taken = "taken" | "resting" | "aborted";

/** A token bucket: one token per request, `burst` tokens at most, refilled at `perSecond`. */
type RateLimiter = {
  /**
   * Waits for a token. "aborted" when the signal ended the wait; "resting", at once, while nothing is handed out: nobody
   * waits through a rest, for whoever asks has better to do. Of both no token is spent.
   */
  take(signal?: AbortSignal): Promise<Taken>;
  /** Hands out nothing for this long: what a venue asks for with Retry-After. */
  rest(ms: number): void;
};

const WALL: Pace = {
  nowMs: () => performance.now(),
  sleep: (ms, signal) => sleepMs(ms, undefined, signal === undefined ? {} : { signal }),
};

/**
 * A token bucket (the limiter Deribit itself describes). Waiters are served in the order they came.
 * @throws TonsorError OUT_OF_RANGE unless perSecond > 0 and burst >= 1
 * @example rateLimiter({ perSecond: 20, burst: 100 }) // 100 at once, the 101st after 50 ms
 */
export function rateLimiter(limit: RateLimit, pace: Pace = WALL): RateLimiter {
  const { perSecond, burst } = limit;
  requireRange("perSecond", perSecond, 0, Number.POSITIVE_INFINITY, { openLow: true });
  requireRange("burst", burst, 1, Number.POSITIVE_INFINITY);
  let tokens = burst;
  let filledAt = pace.nowMs();
  let restsUntil = 0;
  let queue: Promise<unknown> = Promise.resolve();
  const isResting = (): boolean => pace.nowMs() < restsUntil;

  const waitMs = (): number => {
    const now = pace.nowMs();
    tokens = Math.min(burst, tokens + (Math.max(0, now - filledAt) / 1000) * perSecond);
    filledAt = now;
    return tokens >= 1 ? 0 : ((1 - tokens) / perSecond) * 1000;
  };
  const takeOne = async (signal?: AbortSignal): Promise<Taken> => {
    for (;;) {
      if (signal?.aborted === true) return "aborted";
      if (isResting()) return "resting";
      const wait = waitMs();
      if (wait <= 0) {
        tokens -= 1;
        return "taken";
      }
      try {
        await pace.sleep(Math.ceil(wait), signal);
      } catch {
        return "aborted";
      }
    }
  };
  return {
    take(signal) {
      if (isResting()) return Promise.resolve("resting");
      const turn = queue.then(() => takeOne(signal));
      queue = turn;
      return signal === undefined ? turn : Promise.race([turn, aborted(signal)]);
    },
    rest(ms) {
      restsUntil = Math.max(restsUntil, pace.nowMs() + Math.max(0, ms));
    },
  };
}

/** Resolves when the signal fires, so that an aborted caller does not wait for those before it. */
function aborted(signal: AbortSignal): Promise<Taken> {
  if (signal.aborted) return Promise.resolve("aborted");
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve("aborted"), { once: true }));
}

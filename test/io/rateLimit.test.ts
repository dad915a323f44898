import assert from "node:assert/strict";
import { test } from "node:test";
import { rateLimiter } from "../../keeper/io/rateLimit.ts";

/** A clock that only a sleep moves. */
function standingPace(): NonNullable<Parameters<typeof rateLimiter>[1]> & { at: number; slept: number[] } {
  const pace = {
    at: 0,
    slept: [] as number[],
    nowMs: () => pace.at,
    sleep: async (ms: number) => {
      pace.slept.push(ms);
      pace.at += ms;
    },
  };
  return pace;
}

test("a burst goes out at once, what follows at the rate", async () => {
  const pace = standingPace();
  const limiter = rateLimiter({ perSecond: 20, burst: 100 }, pace);
  for (let at = 0; at < 100; at += 1) await limiter.take();
  assert.equal(pace.at, 0);
  for (let at = 0; at < 20; at += 1) await limiter.take();
  assert.equal(pace.at, 1000);
});

test("tokens never pile up above the burst", async () => {
  const pace = standingPace();
  const limiter = rateLimiter({ perSecond: 10, burst: 2 }, pace);
  pace.at = 1_000_000;
  for (let at = 0; at < 3; at += 1) await limiter.take();
  assert.deepEqual(pace.slept, [100]);
});

test("through a rest nobody waits: it is said at once, also to those who waited before it began", async () => {
  const pace = standingPace();
  const limiter = rateLimiter({ perSecond: 0.001, burst: 1 }, pace);
  assert.equal(await limiter.take(), "taken");
  const waiting = limiter.take();
  limiter.rest(86_400_000);
  limiter.rest(1_000);
  assert.equal(await limiter.take(), "resting");
  assert.equal(await waiting, "resting");
  pace.at = 86_400_000;
  assert.equal(await limiter.take(), "taken");
});

test("waiters are served in the order they came", async () => {
  const limiter = rateLimiter({ perSecond: 1000, burst: 1 }, standingPace());
  const order: number[] = [];
  await Promise.all([0, 1, 2, 3].map((who) => limiter.take().then(() => order.push(who))));
  assert.deepEqual(order, [0, 1, 2, 3]);
});

test("a signal ends the wait, also behind others, and spends nothing", async () => {
  const limiter = rateLimiter({ perSecond: 0.001, burst: 1 });
  assert.equal(await limiter.take(), "taken");
  const stop = new AbortController();
  const first = limiter.take(stop.signal);
  const second = limiter.take(AbortSignal.abort());
  assert.equal(await second, "aborted");
  stop.abort();
  assert.equal(await first, "aborted");
});

test("a clock that jumps back gives nothing away and breaks nothing", async () => {
  const pace = standingPace();
  pace.at = 10_000;
  const limiter = rateLimiter({ perSecond: 10, burst: 1 }, pace);
  await limiter.take();
  pace.at = 0;
  await limiter.take();
  assert.deepEqual(pace.slept, [100]);
});

test("a rate or burst that allows nothing is refused by name", () => {
  assert.throws(() => rateLimiter({ perSecond: 0, burst: 1 }), { code: "OUT_OF_RANGE", message: /perSecond/ });
  assert.throws(() => rateLimiter({ perSecond: 1, burst: 0.5 }), { code: "OUT_OF_RANGE", message: /burst/ });
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { runRedisSchedule } from "../../../keeper/runtime/redis/redisSchedule.ts";
import type { SchedulerState, TickQueue } from "../../../keeper/runtime/redis/tickQueue.ts";
import type { ScheduleEvent } from "../../../keeper/runtime/schedule.ts";
import { FakeClock } from "../fakeClock.ts";

const EVERY = 10_000;
/** A quarter of the interval. */
const GRACE = 2_500;

/** A schedule over a queue that does what the test says, on a clock that passes when the test lets it. */
function start(
  change: Partial<Parameters<typeof runRedisSchedule>[1]> = {},
  work: (n: number) => Promise<void> = async () => {},
) {
  const clock = new FakeClock();
  const stop = new AbortController();
  const began: number[] = [];
  const events: ScheduleEvent[] = [];
  const problems: string[] = [];
  const asked = { renew: 0, restart: 0, closed: 0 };
  let state: () => Promise<SchedulerState> = async () => ({ nextMs: clock.now() + EVERY, count: 1 });
  let job: () => Promise<void> = async () => {};
  const queue: TickQueue = {
    async renew() {
      asked.renew += 1;
      return state();
    },
    restart: async () => {
      asked.restart += 1;
    },
    connected: () => true,
    close: async () => {
      asked.closed += 1;
    },
  };
  const ended = runRedisSchedule(
    async (_, number) => {
      began.push(clock.now());
      await work(number);
    },
    {
      everyMs: EVERY,
      softTimeoutMs: 4_000,
      hardTimeoutMs: 6_000,
      clock,
      signal: stop.signal,
      onEvent: (event) => void events.push(event),
      onProblem: (problem) => void problems.push(problem.message),
      wallMs: () => clock.now(),
      open: (handlers) => {
        job = handlers.onTick;
        return queue;
      },
      ...change,
    },
  );
  const kinds = () => events.map((event) => event.kind).filter((kind) => kind.startsWith("queue"));
  return {
    clock,
    stop,
    began,
    events,
    problems,
    asked,
    ended,
    kinds,
    job: () => job(),
    answer: (how: typeof state) => (state = how),
  };
}
/** Lets the queue deliver one job at each of its slots. */
async function deliver(world: ReturnType<typeof start>, slots: number): Promise<void> {
  for (let slot = 0; slot < slots; slot++) {
    await world.clock.advance(EVERY);
    await world.job();
  }
}

test("the first look is at once, the next ones come with the queue's jobs", async () => {
  const world = start();
  await deliver(world, 3);
  assert.deepEqual(world.began, [0, EVERY, 2 * EVERY, 3 * EVERY]);
  assert.deepEqual(world.kinds(), []);
  world.stop.abort();
  assert.equal(await world.ended, "stopped");
  assert.equal(world.asked.closed, 1);
});

test("a job delivered twice, or for a slot that was looked at already, is done without a second look", async () => {
  const world = start();
  await deliver(world, 2);
  await world.job();
  await world.clock.advance(EVERY / 2 - 1);
  await world.job();
  assert.equal(world.began.length, 3);
  world.stop.abort();
});

test("an overdue tick is reported once and run by the own clock, on the grid, until jobs come again", async () => {
  const world = start();
  await deliver(world, 2);
  await world.clock.advance(EVERY + GRACE - 1);
  assert.equal(world.began.length, 3);
  await world.clock.advance(1);
  assert.deepEqual(world.began.slice(3), [3 * EVERY + GRACE]);
  await world.clock.advance(3 * EVERY);
  assert.deepEqual(
    world.began.slice(3),
    [3, 4, 5, 6].map((n) => n * EVERY + GRACE),
  );
  assert.deepEqual(world.kinds(), ["queueSilent"]);
  await world.clock.advance(EVERY - GRACE);
  await world.job();
  assert.deepEqual(world.kinds(), ["queueSilent", "queueBack"]);
  assert.equal(world.began.at(-1), 7 * EVERY);
  world.stop.abort();
});

test("scheduler and concurrency are written again every two seconds, also while that fails", async () => {
  const world = start();
  world.answer(async () => {
    throw new Error("connect ECONNREFUSED");
  });
  await world.clock.advance(EVERY);
  assert.equal(world.asked.renew, 6);
  assert.deepEqual([...new Set(world.problems)], ["connect ECONNREFUSED"]);
  world.stop.abort();
});

test("jobs that another process of the same key has had count as ticks: this one stays silent", async () => {
  const world = start();
  let count = 1;
  world.answer(async () => ({ nextMs: world.clock.now() + EVERY, count: 1 + Math.floor(world.clock.now() / EVERY) }));
  await world.clock.advance(6 * EVERY);
  assert.deepEqual(world.began, [0]);
  count += 1;
  world.answer(async () => ({ nextMs: world.clock.now() + EVERY, count }));
  await world.clock.advance(2 * EVERY);
  assert.ok(world.began.length > 1, "the other one is gone, or its scheduler was lost");
  world.stop.abort();
});

test("a next job that a set-back clock has moved away makes the scheduler anew", async () => {
  const world = start();
  await world.clock.advance(2_000);
  assert.equal(world.asked.restart, 0);
  world.answer(async () => ({ nextMs: world.clock.now() + 600_000, count: 1 }));
  await world.clock.advance(2_000);
  assert.equal(world.asked.restart, 1);
  world.stop.abort();
});

test("one look at a time: a job during a look waits for it and adds none", async () => {
  const world = start({}, async () => {
    await Promise.resolve();
    await world.clock.sleep(3_000, new AbortController().signal);
  });
  await world.clock.advance(1_000);
  let done = false;
  const second = world.job().then(() => (done = true));
  await world.clock.advance(1_000);
  assert.equal(done, false);
  await world.clock.advance(1_000);
  await second;
  assert.deepEqual([world.began, done], [[0], true]);
  world.stop.abort();
});

test("a look that does not stop when asked ends the schedule as stuck", async () => {
  const world = start({}, () => new Promise(() => {}));
  await world.clock.advance(6_000);
  assert.equal(await world.ended, "stuck");
});

test("a limited number of ticks ends", async () => {
  const world = start({ ticks: 2 });
  await deliver(world, 1);
  assert.equal(await world.ended, "finished");
});

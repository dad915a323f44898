import assert from "node:assert/strict";
import { test } from "node:test";
import { monotonicClock } from "../../keeper/runtime/clock.ts";
import { runSchedule, type ScheduleEnd, type ScheduleEvent } from "../../keeper/runtime/schedule.ts";
import { FakeClock } from "./fakeClock.ts";

const EVERY = 1_000;

/** A schedule on a fake clock: ticks take no time unless `tick` says so. */
function start(tick: (signal: AbortSignal, number: number) => Promise<void> = async () => {}, ticks?: number) {
  const clock = new FakeClock();
  const stop = new AbortController();
  const events: ScheduleEvent[] = [];
  const began: number[] = [];
  const done: { end: ScheduleEnd | null } = { end: null };
  const run = (signal: AbortSignal, number: number) => {
    began.push(clock.now());
    return tick(signal, number);
  };
  // Not at once: the first tick may already use what this function returns.
  const ended = Promise.resolve()
    .then(() =>
      runSchedule(run, {
        everyMs: EVERY,
        softTimeoutMs: 2_500,
        hardTimeoutMs: 4_500,
        clock,
        signal: stop.signal,
        onEvent: (event) => events.push(event),
        ...(ticks === undefined ? {} : { ticks }),
      }),
    )
    .then((end) => {
      done.end = end;
      return end;
    });
  return {
    clock,
    stop,
    events,
    began,
    ended,
    done,
    sleepIn: (ms: number) => clock.sleep(ms, new AbortController().signal),
  };
}
const kinds = (events: readonly ScheduleEvent[]) => events.map((event) => event.kind);

test("ticks run at once and then on the grid, without drift", async () => {
  const world = start(async () => world.sleepIn(300));
  await world.clock.advance(5_100);
  assert.deepEqual(world.began, [0, 1_000, 2_000, 3_000, 4_000, 5_000]);
});

test("a tick longer than the interval is never joined by a second one, and what it missed is skipped", async () => {
  let running = 0;
  let most = 0;
  const world = start(async (_signal, number) => {
    most = Math.max(most, ++running);
    if (number === 0) await world.sleepIn(2_300);
    running--;
  });
  await world.clock.advance(4_050);
  assert.equal(most, 1);
  assert.deepEqual(world.began, [0, 3_000, 4_000]);
  const ticks = world.events.filter((event) => event.kind === "tick");
  assert.deepEqual(
    ticks.map((event) => event.skipped),
    [0, 2, 0],
  );
});

test("a tick that is due before its time comes then, once, and the grid begins anew with it", async () => {
  const clock = new FakeClock();
  const stop = new AbortController();
  const began: number[] = [];
  let move = new AbortController();
  const tick = async () => {
    began.push(clock.now());
    move = new AbortController();
    if (began.length === 4) move.abort("seen while the tick ran");
  };
  const options = { everyMs: EVERY, softTimeoutMs: 2_500, hardTimeoutMs: 4_500, clock, onEvent: () => {} };
  const ended = runSchedule(tick, { ...options, signal: stop.signal, due: () => move.signal });
  await clock.advance(1_300);
  move.abort();
  await clock.advance(2_100);
  stop.abort();
  assert.equal(await ended, "stopped");
  assert.deepEqual(began, [0, 1_000, 1_300, 2_300, 2_300, 3_300]);
});

test("after 30 days of sleep there is one tick, not a burst, and the grid goes on", async () => {
  const world = start();
  await world.clock.advance(500);
  const month = 30 * 86_400 * 1_000;
  await world.clock.suspend(month);
  await world.clock.advance(0);
  assert.deepEqual(world.began, [0, month + 500]);
  await world.clock.advance(2_000);
  assert.deepEqual(world.began, [0, month + 500, month + 1_000, month + 2_000]);
});

test("a tick that fails, or throws before its first await, is reported and the next one comes", async () => {
  const world = start((_signal, number) => {
    if (number === 0) throw new Error("at once");
    return number === 1 ? Promise.reject(new Error("later")) : Promise.resolve();
  });
  await world.clock.advance(2_500);
  assert.deepEqual(kinds(world.events), ["tick", "failed", "tick", "failed", "tick", "done"]);
});

test("at the soft timeout the tick is asked to stop, and one that does is followed by the next", async () => {
  let reason = "";
  const world = start(async (signal, number) => {
    if (number > 0) return;
    await world.clock.sleep(1e9, signal);
    reason = String(signal.reason);
  });
  await world.clock.advance(3_100);
  assert.match(reason, /took longer than 2500 ms/);
  assert.deepEqual(kinds(world.events), ["tick", "softTimeout", "done", "tick", "done"]);
  assert.deepEqual(world.began, [0, 3_000]);
});

test("a tick that does not stop when asked ends the schedule as stuck at the hard timeout", async () => {
  const world = start(() => new Promise(() => {}));
  await world.clock.advance(4_499);
  assert.equal(world.done.end, null);
  await world.clock.advance(1);
  assert.equal(await world.ended, "stuck");
  assert.deepEqual(world.began, [0]);
});

test("stopping between ticks ends at once", async () => {
  const world = start();
  await world.clock.advance(500);
  world.stop.abort();
  assert.equal(await world.ended, "stopped");
  assert.deepEqual(world.began, [0]);
});

test("stopping during a tick asks it to stop, waits for it, and starts no other", async () => {
  let cleaned = false;
  const world = start(async (signal) => {
    await world.clock.sleep(1e9, signal);
    await world.sleepIn(200);
    cleaned = true;
  });
  await world.clock.advance(100);
  world.stop.abort();
  await world.clock.advance(100);
  assert.equal(world.done.end, null);
  await world.clock.advance(150);
  assert.equal(await world.ended, "stopped");
  assert.ok(cleaned);
});

test("a limited number of ticks ends without waiting for the next point of the grid", async () => {
  const world = start(async () => {}, 2);
  await world.clock.advance(1_000);
  assert.equal(await world.ended, "finished");
  assert.equal(world.clock.now(), 1_000);
});

test("the real clock waits, goes forward, and an aborted wait ends early without an error", async () => {
  const before = monotonicClock.now();
  await monotonicClock.sleep(5, new AbortController().signal);
  assert.ok(monotonicClock.now() > before);
  await monotonicClock.sleep(60_000, AbortSignal.abort());
});

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { follow } from "../../../scripts/lab/contractModel/follower.ts";
import { ticksTo } from "./ticks.ts";

const bps = fc.integer({ min: 0, max: 8_191 });
const speed = fc.integer({ min: 0, max: 2_000 });
const speeds = fc.record({ tightenSpeedBpsPerDay: speed, loosenSpeedBpsPerDay: speed });
const minute = fc.integer({ min: 0, max: 2 ** 25 - 1 });

test("a day's way is exactly the speed, from whatever minute it is counted", () => {
  fc.assert(
    fc.property(speed, minute, (bpsPerDay, start) => {
      assert.equal(ticksTo(bpsPerDay, start + 1_440) - ticksTo(bpsPerDay, start), bpsPerDay);
    }),
  );
});

test("settling in the middle changes nothing, to the last basis point", () => {
  fc.assert(
    fc.property(bps, bps, speeds, fc.tuple(minute, minute, minute), (from, target, both, times) => {
      const [a, b, c] = times.sort((x, y) => x - y) as [number, number, number];
      const once = follow(from, target, a, c, both);
      assert.equal(follow(follow(from, target, a, b, both), target, b, c, both), once);
    }),
    { numRuns: 2_000 },
  );
});

test("nothing moves past its target, backwards, or faster than its speed and one basis point", () => {
  fc.assert(
    fc.property(bps, bps, speeds, minute, fc.integer({ min: 0, max: 20_000 }), (from, target, both, start, wait) => {
      const value = follow(from, target, start, start + wait, both);
      assert.ok(Math.min(from, target) <= value && value <= Math.max(from, target));
      const fast = target > from ? both.tightenSpeedBpsPerDay : both.loosenSpeedBpsPerDay;
      assert.ok(Math.abs(value - from) <= (fast * wait) / 1_440 + 1);
    }),
    { numRuns: 2_000 },
  );
});

test("changing the target a thousand times on the way is never faster than the speed", () => {
  fc.assert(
    fc.property(bps, fc.array(fc.tuple(bps, fc.integer({ min: 0, max: 300 })), { maxLength: 50 }), (from, targets) => {
      const both = { tightenSpeedBpsPerDay: 150, loosenSpeedBpsPerDay: 50 };
      let [value, now, up] = [from, 1_000, 0];
      for (const [target, wait] of targets) {
        const next = follow(value, target, now, now + wait, both);
        up += Math.max(0, next - value);
        [value, now] = [next, now + wait];
      }
      assert.ok(up <= ticksTo(150, now) - ticksTo(150, 1_000));
    }),
  );
});

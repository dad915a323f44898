import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { followNanoBps, nanoToBpsUp } from "../../keeper/policy/follower.ts";

const value = fc.bigInt({ min: 0n, max: 10_000_000_000_000n });
const elapsed = fc.integer({ min: 0, max: 10_000_000 });
const speeds = fc.record({
  tightenSpeedBpsPerDay: fc.integer({ min: 0, max: 65_535 }),
  loosenSpeedBpsPerDay: fc.integer({ min: 0, max: 65_535 }),
});

test("the example of the docstring", () => {
  const slow = { tightenSpeedBpsPerDay: 150, loosenSpeedBpsPerDay: 50 };
  assert.equal(followNanoBps(1_800_000_000_000n, 1_850_000_000_000n, 14_400, slow), 1_825_000_000_000n);
  assert.equal(followNanoBps(1_850_000_000_000n, 1_800_000_000_000n, 14_400, slow), 1_841_666_666_667n);
  assert.equal(nanoToBpsUp(1_800_000_000_001n), 1801);
  assert.equal(nanoToBpsUp(1_800_000_000_000n), 1800);
});

test("a follower never passes its target, never turns back and never outruns its speed", () => {
  fc.assert(
    fc.property(value, value, elapsed, speeds, (from, target, seconds, limit) => {
      const to = followNanoBps(from, target, seconds, limit);
      const [low, high] = from < target ? [from, target] : [target, from];
      assert.ok(low <= to && to <= high);
      const speed = target > from ? limit.tightenSpeedBpsPerDay : limit.loosenSpeedBpsPerDay;
      const way = to > from ? to - from : from - to;
      assert.ok(way * 86_400n <= BigInt(speed) * 1_000_000_000n * BigInt(seconds));
    }),
  );
});

test("stopping on the way is never faster and loses at most 1e-9 bp", () => {
  fc.assert(
    fc.property(value, value, elapsed, elapsed, speeds, (from, target, first, second, limit) => {
      const once = followNanoBps(from, target, first + second, limit);
      const twice = followNanoBps(followNanoBps(from, target, first, limit), target, second, limit);
      const lost = target >= from ? once - twice : twice - once;
      assert.ok(lost === 0n || lost === 1n, `${lost}`);
    }),
  );
});

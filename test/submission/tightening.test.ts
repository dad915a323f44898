import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Numbers } from "../../keeper/domain/journal.ts";
import { keepsRaises, lowers, raises, raisesBeyond } from "../../keeper/submission/tightening.ts";

const LIMIT = 5_000;
const update = (marketId: number, initialBps: number, maintenanceTargetBps: number, limit = LIMIT): Numbers => ({
  ...{ marketId, initialBps, maintenanceTargetBps, limit },
});
const CURRENT = [
  { marketId: 1, initialBps: 2_000, maintenanceTargetBps: 1_700, limit: LIMIT },
  { marketId: 2, initialBps: 3_000, maintenanceTargetBps: 2_500, limit: LIMIT },
];

test("one side of one market above its value on chain is a tightening, everything at or below is none", () => {
  assert.equal(raises([update(1, 2_200, 1_700)], CURRENT), true);
  assert.equal(raises([update(1, 1_900, 1_701)], CURRENT), true);
  assert.equal(raises([update(1, 2_000, 1_700), update(2, 2_999, 2_400)], CURRENT), false);
  assert.equal(raises([], CURRENT), false);
});

test("an exposure limit below its value on chain is a tightening, one above is none", () => {
  assert.equal(raises([update(1, 2_000, 1_700, LIMIT - 1)], CURRENT), true);
  assert.equal(raises([update(1, 2_000, 1_700, LIMIT + 1)], CURRENT), false);
});

test("a fresh batch keeps a pending fall of the limit when it lowers that too, by less, and nothing else does", () => {
  const pending = [update(1, 2_000, 1_700, 4_000)];
  assert.equal(keepsRaises([update(1, 2_000, 1_700, LIMIT - 1)], pending, CURRENT), true);
  assert.equal(keepsRaises([update(1, 3_000, 2_000, LIMIT)], pending, CURRENT), false);
  assert.equal(keepsRaises([update(1, 2_000, 1_700)], [update(1, 2_000, 1_700, LIMIT + 9)], CURRENT), true);
});

test("a limit below a pending one goes beyond it, above it lowers what that would bring", () => {
  const pending = [update(1, 2_500, 1_700, 4_900)];
  assert.deepEqual(
    [4_899, 4_900, 4_901].map((limit) => raisesBeyond([update(1, 2_500, 1_700, limit)], pending, CURRENT)),
    [true, false, false],
  );
  assert.deepEqual(
    [4_899, 4_900, 4_901].map((limit) => lowers([update(1, 2_500, 1_700, limit)], pending)),
    [false, false, true],
  );
});

test("what cannot be compared counts as a tightening", () => {
  assert.equal(raises([update(3, 1, 1)], CURRENT), true);
});

test("a fresh batch keeps a pending raise when it raises the same side of the same market, even by less", () => {
  const pending = [update(1, 2_500, 1_700)];
  assert.equal(keepsRaises([update(1, 2_100, 1_700)], pending, CURRENT), true);
  assert.equal(keepsRaises([update(1, 2_000, 1_700)], pending, CURRENT), false);
  assert.equal(keepsRaises([update(1, 1_900, 1_900)], pending, CURRENT), false);
  assert.equal(keepsRaises([update(2, 3_500, 2_600)], pending, CURRENT), false);
});

test("a pending loosening holds nothing back", () => {
  assert.equal(keepsRaises([update(2, 3_500, 2_600)], [update(1, 1_900, 1_600)], CURRENT), true);
});

test("beyond a pending batch is above its values, and above the chain where it says nothing", () => {
  const pending = [update(1, 2_500, 1_700)];
  assert.equal(raisesBeyond([update(1, 2_500, 1_700)], pending, CURRENT), false);
  assert.equal(raisesBeyond([update(1, 2_501, 1_700)], pending, CURRENT), true);
  assert.equal(raisesBeyond([update(2, 3_000, 2_500)], pending, CURRENT), false);
  assert.equal(raisesBeyond([update(2, 3_000, 2_501)], pending, CURRENT), true);
});

test("a batch lowers a pending one where a value of the same market is below it", () => {
  const pending = [update(1, 2_500, 1_700)];
  assert.equal(lowers([update(1, 2_500, 1_700)], pending), false);
  assert.equal(lowers([update(1, 2_600, 1_699)], pending), true);
  assert.equal(lowers([update(2, 0, 0)], pending), false);
});

test("a batch always keeps its own raises and never goes beyond itself", () => {
  const bps = fc.integer({ min: 0, max: 10_000 });
  const batch = fc.uniqueArray(
    fc.tuple(fc.integer({ min: 1, max: 4 }), bps, bps, bps).map((values) => update(...values)),
    { selector: (one) => one.marketId },
  );
  fc.assert(
    fc.property(batch, batch, (updates, other) => {
      assert.equal(keepsRaises(updates, updates, CURRENT), true);
      assert.equal(raisesBeyond(updates, updates, CURRENT), false);
      if (!raises(other, CURRENT)) assert.equal(keepsRaises(updates, other, CURRENT), true);
    }),
  );
});

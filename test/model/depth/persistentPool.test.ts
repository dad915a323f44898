import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { persistentPool } from "../../../keeper/model/depth/persistentPool.ts";
import { v3SellCurve } from "../../../keeper/model/depth/v3SellCurve.ts";
import { arbitraryPool, poolOfPositions } from "../../support/pools.ts";

const tier = { feePips: 500, tickSpacing: 10 } as const;
const steady = { lower: -1000, upper: 1000, liquidity: 10n ** 18n };

test("liquidity added for one snapshot only does not count", () => {
  const calm = poolOfPositions(tier, [steady]);
  const jit = poolOfPositions(tier, [steady, { lower: -10, upper: 10, liquidity: 10n ** 21n }]);
  assert.deepEqual(persistentPool([calm, calm, jit]), calm);
  assert.deepEqual(persistentPool([jit, calm, jit])?.ticks, calm.ticks);
  assert.equal(persistentPool([jit, calm, jit])?.liquidity, 10n ** 18n);
});

test("of two positions side by side only where both snapshots have some counts, at the lower of the two", () => {
  const low = poolOfPositions(tier, [{ lower: -100, upper: 50, liquidity: 5n }]);
  const high = poolOfPositions(tier, [{ lower: -50, upper: 100, liquidity: 3n }]);
  const both = persistentPool([low, high]);
  assert.deepEqual(both?.ticks, [
    { index: -50, liquidityNet: 3n },
    { index: 50, liquidityNet: -3n },
  ]);
  assert.equal(both?.liquidity, 3n);
});

test("no snapshot, no pool", () => assert.equal(persistentPool([]), null));

test("never deeper than any of its snapshots at the same price, and itself when they are all the same", () => {
  fc.assert(
    fc.property(arbitraryPool(), arbitraryPool(), fc.boolean(), (a, b, baseIsToken0) => {
      const other = { ...a, ticks: b.ticks, liquidity: b.liquidity };
      const least = persistentPool([other, a]);
      assert.ok(least !== null);
      for (const slippage of [0.01, 0.1, 0.5]) {
        const kept = v3SellCurve(least, baseIsToken0).capacity(slippage);
        assert.ok(kept <= v3SellCurve(a, baseIsToken0).capacity(slippage) * (1 + 1e-9));
      }
      const same = persistentPool([a, a, a]);
      assert.equal(same?.liquidity, a.liquidity);
      assert.deepEqual(same?.ticks, a.ticks);
    }),
  );
});

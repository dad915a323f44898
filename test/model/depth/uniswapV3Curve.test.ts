import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { boundedPool, v3SellCurve } from "../../../keeper/model/depth/uniswapV3Curve.ts";
import { arbitraryPool, poolOfPositions } from "../../support/pools.ts";

const tier = { feePips: 500, tickSpacing: 10 } as const;
const wide = { lower: -10_000, upper: 10_000, liquidity: 1_000n };

describe("boundedPool", () => {
  it("cuts every range to the bound, in range and beside it, and keeps the price", () => {
    const piled = poolOfPositions(tier, [
      wide,
      { lower: -100, upper: 100, liquidity: 9_000n },
      { lower: -5_000, upper: -4_000, liquidity: 500n },
      { lower: -300, upper: -200, liquidity: 7_000n },
    ]);
    const held = boundedPool(piled, 1500n);
    const stood = poolOfPositions(tier, [
      wide,
      { lower: -100, upper: 100, liquidity: 500n },
      { lower: -5_000, upper: -4_000, liquidity: 500n },
      { lower: -300, upper: -200, liquidity: 500n },
    ]);
    assert.deepEqual(held, stood);
  });

  it("gives the same pool where nothing exceeds the bound", () => {
    const pool = poolOfPositions(tier, [wide]);
    assert.equal(boundedPool(pool, 1000n), pool);
    assert.notEqual(boundedPool(pool, 999n), pool);
  });

  it("never sells more than the pool itself, adds up to nothing above its last tick, and is its own bound", () => {
    const property = fc.property(arbitraryPool(), fc.bigInt({ min: 1n, max: 10n ** 24n }), (pool, most) => {
      const held = boundedPool(pool, most);
      assert.equal(
        held.ticks.reduce((sum, tick) => sum + tick.liquidityNet, 0n),
        0n,
      );
      assert.ok(held.liquidity <= most && held.liquidity <= pool.liquidity);
      assert.deepEqual(boundedPool(held, most), held);
      for (const base of [true, false]) {
        const [less, more] = [v3SellCurve(held, base).capacity(0.05), v3SellCurve(pool, base).capacity(0.05)];
        assert.ok(less <= more * (1 + 1e-9), `${less} ${more}`);
      }
    });
    fc.assert(property, { numRuns: 200, seed: 11 });
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { PoolMemory, PoolState } from "../../keeper/domain/observation.ts";
import { againstMemory } from "../../keeper/quality/acceptance.ts";
import { probed, stakedPool } from "../support/curve/curvePools.ts";
import { calmMemory, jit, MEMORY_RULES, moved } from "../support/memory.ts";
import { calmPool } from "../support/observations.ts";

const NOW = 1_770_000_000;
const POOL = calmPool(NOW, 3_000);
const MEMORY = calmMemory(POOL);
const held = (pool: PoolState, memory: PoolMemory = MEMORY) => againstMemory([[pool]], [memory], MEMORY_RULES);
const codes = (pool: PoolState) => held(pool).faults.map((found) => `${found.code} ${found.source}`);

describe("a pool against its own memory", () => {
  it("is left as it is while it stands where it stood", () => {
    const { route, faults } = held(POOL);
    assert.deepEqual(faults, []);
    assert.equal(route[0]?.[0], POOL);
  });

  it("is OFF_AVERAGE beyond 5 % from the youngest stretch, either way, and not before", () => {
    const name = `OFF_AVERAGE ${POOL.source}`;
    for (const [factor, expected] of [
      [1.045, []],
      [0.957, []],
      [1.06, [name]],
      [0.94, [name]],
    ] as const) {
      assert.deepEqual(codes(moved(POOL, factor)), expected, String(factor));
    }
    assert.equal(held(moved(POOL, 1.1)).faults[0]?.detail, "10.00 % from the average of 1800 s, limit 5.00 %");
  });

  it("compares with the youngest stretch, not with the day", () => {
    const yesterday = { ...MEMORY.whole, meanTick: MEMORY.whole.meanTick + 3_000 };
    assert.deepEqual(held(POOL, { ...MEMORY, whole: yesterday }).faults, []);
    const late = { ...MEMORY, stretches: MEMORY.stretches.map((s) => ({ ...s, meanTick: s.meanTick + 3_000 })) };
    assert.equal(held(POOL, late).faults[0]?.code, "OFF_AVERAGE");
  });

  it("counts no more liquidity than it held on average, and is MOMENTARY beyond three times that", () => {
    assert.deepEqual(codes(jit(POOL, 2n)), []);
    assert.deepEqual(codes(jit(POOL, 10n)), [`MOMENTARY ${POOL.source}`]);
    for (const times of [2n, 10n]) {
      const [pool] = held(jit(POOL, times)).route[0] ?? [];
      assert.ok(pool?.kind === "pool");
      assert.equal(pool.liquidity, POOL.liquidity);
    }
  });

  it("is held against its own memory only, by address; other kinds of pools have none", () => {
    const foreign = { ...MEMORY, pool: "0x0000000000000000000000000000000000000001" };
    assert.equal(held(jit(POOL, 10n), foreign).route[0]?.[0]?.kind, "pool");
    assert.deepEqual(held(jit(POOL, 10n), foreign).faults, []);
    const curve = { ...probed(stakedPool(10, 10)), pool: POOL.pool };
    assert.deepEqual(againstMemory([[curve]], [MEMORY], MEMORY_RULES), { route: [[curve]], faults: [] });
  });
});

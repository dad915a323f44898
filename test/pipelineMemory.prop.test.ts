import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Observed, PoolState } from "../keeper/domain/observation.ts";
import type { MarketParameters } from "../keeper/domain/parameters.ts";
import { assess } from "../keeper/pipeline.ts";
import { calmMemory, jit, MEMORY_RULES, moved } from "./support/memory.ts";
import { calmObserved, calmPool, seen } from "./support/observations.ts";
import { calmMarket, NO_HISTORY } from "./support/onChain.ts";
import { WETH } from "./support/shipped.ts";

/**
 * A pool made to look deep or dear for a block, in a market that asks the pool's own memory: named, nothing loosened, and no
 * more depth counted than a moment ago, even by a keeper that remembers nothing else.
 */
const NOW = 1_770_000_000;
const MARKET: MarketParameters = {
  ...WETH,
  model: { ...WETH.model, largestBorrowerUsd: 30e6 },
  poolMemory: MEMORY_RULES,
};
const POOL = calmPool(NOW - 2, 3_000, 300_000_000_000_000_000n);
const MEMORY = calmMemory(POOL);
const OTHERS = calmObserved(NOW).filter((one) => !one.source.startsWith("uniswapV3"));
const { nowUsd: CALM_USD } = assessed(POOL).risk.depth;

function assessed(pool: PoolState, stored = 2_250, memory: Observed | null = seen(MEMORY), lastUsd?: number) {
  const usd = lastUsd ?? 60e6;
  const history = {
    ...NO_HISTORY,
    depth: Array.from({ length: 48 }, (_, i) => [NOW - (48 - i) * 3_600, usd] as const),
    lastImplied: { time: NOW - 3_600, vol: 0.5 },
    lastDepth: { time: NOW - 60, usd },
  };
  const onChain = calmMarket(NOW, { storedInitialBps: stored, initialBps: stored, maintenanceTargetBps: stored - 400 });
  const observed = [...OTHERS, seen(pool), ...(memory === null ? [] : [memory])];
  return assess({ now: NOW, market: MARKET, observed, history, onChain });
}
function written(pool: PoolState, stored: number, memory?: Observed | null): readonly [number, number] {
  const { decision } = assessed(pool, stored, memory);
  return decision.action === "hold" ? [stored, stored - 400] : [decision.initialBps, decision.maintenanceTargetBps];
}

describe("a market that asks its pools' memory", () => {
  it("is a test of something: calm, it loosens from above and finds no fault", () => {
    assert.deepEqual(assessed(POOL).readings.faults, []);
    assert.ok(written(POOL, 5_000)[0] < 5_000);
  });

  it("counts ten times the liquidity of one block as what stood there, and names it", () => {
    const { readings, risk } = assessed(jit(POOL, 10n));
    assert.deepEqual(
      readings.faults.map(({ code, source }) => [code, source]),
      [["MOMENTARY", POOL.source]],
    );
    assert.equal(risk.depth.nowUsd, CALM_USD);
    assert.deepEqual(written(jit(POOL, 10n), 5_000), [5_000, 4_600]);
  });

  it("counts no more depth at a price of one block than it saw before", () => {
    const before = CALM_USD / 4;
    const counted = (factor: number) => assessed(moved(POOL, factor), 2_250, seen(MEMORY), before).risk.depth.nowUsd;
    assert.ok(counted(0.96) > 2 * before, "within the limit the pool counts");
    assert.equal(counted(0.9), before);
    assert.equal(counted(1.1), before);
  });

  it("loosens nothing without a memory that it asks for, or with a pool that has none", () => {
    const source = MEMORY.source;
    const none = { source, observation: null, faults: [{ code: "TOO_FEW", source, detail: "" }] } as const;
    for (const memory of [null, none, seen({ ...MEMORY, eventTime: NOW - 3_600 })]) {
      assert.deepEqual(written(POOL, 5_000, memory), [5_000, 4_600]);
    }
  });

  it("loosens from no pool that was pushed, piled up or both more than from the calm one, by any factors", () => {
    const price = fc.double({ min: 0.7, max: 1.4, noNaN: true });
    const property = fc.property(price, fc.bigInt({ min: 1n, max: 1_000n }), (factor, times) => {
      const pool = jit(moved(POOL, factor), times);
      for (const stored of [5_000, 2_250, 1_500]) {
        const [clean, wrong] = [written(POOL, stored), written(pool, stored)];
        const stands = [stored, stored - 400];
        for (const side of [0, 1] as const) {
          const least = Math.min(stands[side] ?? 0, clean[side]);
          assert.ok(wrong[side] >= least - 5, `x${factor}, ${times}: wrote ${wrong}, clean ${clean}, stored ${stored}`);
        }
      }
    });
    fc.assert(property, { numRuns: 40, seed: 9 });
  });

  it("is as it was where the market does not ask", () => {
    const { poolMemory: _, ...plain } = MARKET;
    const input = {
      now: NOW,
      observed: [...OTHERS, seen(jit(POOL, 10n))],
      history: NO_HISTORY,
      onChain: calmMarket(NOW),
    };
    const { readings } = assess({ ...input, market: plain });
    assert.deepEqual(readings.faults, []);
    assert.equal(readings.route[0]?.[0]?.kind === "pool" && readings.route[0][0].liquidity, POOL.liquidity * 10n);
  });
});

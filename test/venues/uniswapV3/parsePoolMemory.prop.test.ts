import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parsePoolMemory } from "../../../keeper/venues/uniswapV3/parse.ts";

type RawMemory = Parameters<typeof parsePoolMemory>[0];
const NOW = 1_769_572_847;
const block = { number: 5n, timestamp: NOW };

/** One second of a pool: its tick and its liquidity in range. */
type Second = { readonly tick: number; readonly liquidity: bigint };
const second: fc.Arbitrary<Second> = fc.record({
  tick: fc.integer({ min: -887_272, max: 887_272 }),
  liquidity: fc.bigInt({ min: 10n ** 8n, max: 2n ** 78n }),
});

/** The counters of v3-core's oracle, added up second by second from any start, wrapped as they are stored. */
function counters(life: readonly Second[], startTick: bigint, startLiquidity: bigint) {
  let tick = startTick;
  let perLiquidity = startLiquidity;
  const ticks = [BigInt.asIntN(56, tick)];
  const spl = [BigInt.asUintN(160, perLiquidity)];
  for (const one of life) {
    tick += BigInt(one.tick);
    perLiquidity += (1n << 128n) / one.liquidity;
    ticks.push(BigInt.asIntN(56, tick));
    spl.push(BigInt.asUintN(160, perLiquidity));
  }
  return { ticks, spl };
}

function rawOf(life: readonly Second[], parts: number, startTick = 0n, startLiquidity = 0n): RawMemory {
  const { ticks, spl } = counters(life, startTick, startLiquidity);
  const length = life.length / parts;
  const at = Array.from({ length: parts + 1 }, (_, part) => part * length);
  return {
    source: "s",
    pool: "0x",
    block,
    secondsAgos: at.map((index) => life.length - index),
    tickCumulatives: at.map((index) => ticks[index] ?? 0n),
    secondsPerLiquidityX128: at.map((index) => spl[index] ?? 0n),
  };
}

test("means of every part are the averages of its seconds, whatever the counters started from, across their wrap", () => {
  const start = fc.tuple(
    fc.constantFrom(0n, 2n ** 55n - 5n, -(2n ** 55n) + 3n, 12_345n),
    fc.constantFrom(0n, 2n ** 160n - 7n, 99n),
  );
  const property = fc.property(
    fc.integer({ min: 1, max: 4 }).chain((parts) =>
      fc.tuple(
        fc.constant(parts),
        fc
          .integer({ min: 1, max: 6 })
          .chain((length) => fc.array(second, { minLength: parts * length, maxLength: parts * length })),
      ),
    ),
    start,
    ([parts, life], [startTick, startLiquidity]) => {
      const parsed = parsePoolMemory(rawOf(life, parts, startTick, startLiquidity));
      assert.ok("memory" in parsed);
      const { stretches, whole } = parsed.memory;
      const length = life.length / parts;
      for (const [part, stretch] of [...stretches, whole].entries()) {
        const mine = part === parts ? life : life.slice(part * length, (part + 1) * length);
        const mean = Math.floor(mine.reduce((sum, one) => sum + one.tick, 0) / mine.length);
        assert.equal(stretch.meanTick, mean);
        assert.equal(stretch.to - stretch.from, mine.length);
        const inverse = mine.reduce((sum, one) => sum + 1 / Number(one.liquidity), 0);
        const ratio = Number(stretch.harmonicLiquidity) / (mine.length / inverse);
        assert.ok(Math.abs(ratio - 1) < 1e-6, `ratio ${ratio}`);
      }
      assert.equal(whole.to, NOW);
      assert.equal(stretches[0]?.from, whole.from);
    },
  );
  fc.assert(property, { numRuns: 500, seed: 7 });
});

test("liquidity that came for one second of an hour hardly counts", () => {
  const hour: Second[] = Array.from({ length: 3600 }, (_, at) => ({
    tick: 0,
    liquidity: at === 7 ? 10n ** 30n : 10n ** 20n,
  }));
  const parsed = parsePoolMemory(rawOf(hour, 1));
  assert.ok("memory" in parsed);
  const ratio = Number(parsed.memory.whole.harmonicLiquidity) / 1e20;
  assert.ok(ratio > 1 && ratio < 1.001, String(ratio));
});

test("a price pushed to the end of its range for one block of an hour moves the mean by what one block weighs", () => {
  const hour: Second[] = Array.from({ length: 3600 }, (_, at) => ({ tick: at < 12 ? 887_272 : 1000, liquidity: 1n }));
  const parsed = parsePoolMemory(rawOf(hour, 1));
  assert.ok("memory" in parsed);
  assert.equal(parsed.memory.whole.meanTick, Math.floor((12 * 887_272 + 3588 * 1000) / 3600));
});

test("lists that do not fit each other, and impossible oracles, are INCONSISTENT", () => {
  const good = rawOf(
    [
      { tick: 1, liquidity: 5n },
      { tick: 2, liquidity: 5n },
    ],
    2,
  );
  assert.ok("memory" in parsePoolMemory(good));
  for (const change of [
    { tickCumulatives: good.tickCumulatives.slice(1) },
    { secondsPerLiquidityX128: [] },
    { secondsAgos: [0], tickCumulatives: [0n], secondsPerLiquidityX128: [0n] },
    { secondsPerLiquidityX128: good.secondsPerLiquidityX128.map(() => 3n) },
    { tickCumulatives: good.tickCumulatives.map((tick, at) => tick + BigInt(at) * 900_000n) },
  ]) {
    const parsed = parsePoolMemory({ ...good, ...change });
    assert.ok("fault" in parsed && parsed.fault.code === "INCONSISTENT", JSON.stringify(Object.keys(change)));
  }
});

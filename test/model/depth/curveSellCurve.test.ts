import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { StableSwapPool } from "../../../keeper/domain/observation.ts";
import { mergedSellCurve } from "../../../keeper/model/depth/combinedSellCurve.ts";
import { type CurvePool, curveOut, curveProbeFault } from "../../../keeper/model/depth/curveOut.ts";
import { curveSellCurve } from "../../../keeper/model/depth/curveSellCurve.ts";
import { cryptoPool, stakedPool, threePool, units } from "../../support/curve/curvePools.ts";
import { near } from "../../support/near.ts";
import { xykSellCurve } from "../../support/xykSellCurve.ts";

/** The pool with the answers it would give about itself. */
function probed<Pool extends CurvePool>(pool: Pool, i = 0, j = 1): Pool {
  const dx = (pool.coins[i]?.balance ?? 0n) / 100n;
  return { ...pool, probes: [{ i, j, dx, dy: curveOut(pool, i, j, dx) ?? -9n }] };
}
const POOLS: readonly (readonly [name: string, pool: CurvePool, i: number, j: number])[] = [
  ["3pool, DAI for USDC", threePool([4e7, 6e7, 5e7]), 0, 1],
  ["3pool, USDT for DAI", threePool([4e7, 6e7, 5e7]), 2, 0],
  ["stETH for ETH", stakedPool(6e4, 4e4), 0, 1],
  ["stETH for ETH, off the peg", stakedPool(2e5, 2e4, 1_100_000_000_000_000_000n), 0, 1],
  ["WETH for USDC in CryptoSwap", cryptoPool(6e6, 2000), 1, 0],
  ["USDC for WETH in CryptoSwap", cryptoPool(5e6, 2000), 0, 1],
];

for (const [name, bare, i, j] of POOLS) {
  const pool = probed(bare, i, j);
  const curve = curveSellCurve(pool, i, j);
  const [from, to] = [pool.coins[i] ?? assert.fail(), pool.coins[j] ?? assert.fail()];
  const exact = (base: number) => Number(curveOut(pool, i, j, units(base, from.decimals)) ?? 0n) / 10 ** to.decimals;

  test(`${name}: the curve never pays more than the pool, and hardly less`, () => {
    const held = Number(from.balance) / 10 ** from.decimals;
    const size = fc.double({ min: 1e-5, max: 0.9, noNaN: true });
    const property = fc.property(size, (share) => {
      const base = Math.round(held * share * 1e6) / 1e6;
      const [ours, theirs] = [curve.sell(base), exact(base)];
      if (theirs === 0) return;
      assert.ok(ours <= theirs * (1 + 1e-7), `${ours} against ${theirs} for ${base}`);
      assert.ok(ours >= theirs * (1 - 5e-5), `${ours} against ${theirs} for ${base}`);
    });
    fc.assert(property, { numRuns: 300, seed: 31 });
  });

  test(`${name}: what can be sold within 1, 2 and 5 % is what the pool itself takes within them`, () => {
    for (const slippage of [0.01, 0.02, 0.05]) {
      const capacity = curve.capacity(slippage);
      assert.ok(capacity > 0);
      const average = exact(capacity) / capacity;
      assert.ok(average >= curve.priceQuote * (1 - slippage) * (1 - 1e-6), `${average} at ${slippage}`);
      const more = exact(capacity * 1.05) / (capacity * 1.05);
      assert.ok(more < curve.priceQuote * (1 - slippage), `5 % more still fits in ${slippage}`);
    }
  });

  test(`${name}: prices never rise along the curve`, () => {
    for (const [at, piece] of curve.pieces.entries()) {
      assert.ok(piece.price > 0 && piece.price <= (curve.pieces[at - 1]?.price ?? Number.POSITIVE_INFINITY));
    }
    assert.ok((curve.pieces[0]?.price ?? 0) < curve.priceQuote, "the fee lies between the mid and the first price");
  });
}

test("a balanced StableSwap pool stands at one, a CryptoSwap pool at its price scale", () => {
  near(curveSellCurve(probed(threePool([5e7, 5e7, 5e7])), 0, 1).priceQuote, 1, 1e-6);
  near(curveSellCurve(probed(cryptoPool(6e6, 2000, 3000)), 1, 0).priceQuote, 3000, 0.5);
  near(curveSellCurve(probed(cryptoPool(6e6, 2000, 3000)), 0, 1).priceQuote, 1 / 3000, 1e-7);
});

test("a pool whose own answer is not ours is INCONSISTENT and takes nothing", () => {
  const pool = probed(threePool([5e7, 5e7, 5e7]));
  const [probe] = pool.probes;
  assert.ok(probe !== undefined);
  assert.equal(curveProbeFault(pool), null);
  assert.equal(curveProbeFault({ ...pool, probes: [{ ...probe, dy: probe.dy + 1n }] }), null);
  for (const change of [2n, -2n, probe.dy]) {
    const wrong: StableSwapPool = { ...pool, probes: [probe, { ...probe, dy: probe.dy + change }] };
    assert.equal(curveProbeFault(wrong)?.code, "INCONSISTENT");
    assert.deepEqual([curveSellCurve(wrong, 0, 1).priceQuote, curveSellCurve(wrong, 0, 1).sell(1)], [0, 0]);
  }
  assert.equal(curveProbeFault({ ...pool, probes: [] })?.code, "EMPTY");
  assert.equal(curveProbeFault({ ...pool, probes: [{ ...probe, i: 7 }] })?.code, "INCONSISTENT");
});

test("a coin that is not there, or sold for itself, has an empty curve", () => {
  const pool = probed(threePool([5e7, 5e7, 5e7]));
  for (const [i, j] of [
    [0, 0],
    [0, 3],
    [5, 1],
    [-1, 0],
  ] as const)
    assert.equal(curveSellCurve(pool, i, j).capacity(1), 0);
});

test("beside another venue the two are sold into at one marginal price", () => {
  const curve = curveSellCurve(probed(cryptoPool(6e6, 2000, 3000)), 1, 0);
  const other = xykSellCurve("0xother", 1000, 3_000_000, 0.003);
  const together = mergedSellCurve([curve, other], curve.priceQuote);
  const sold = together.capacity(0.02);
  assert.ok(sold > curve.capacity(0.02));
  const splits = Array.from({ length: 401 }, (_, at) => (sold * at) / 400);
  const best = Math.max(...splits.map((part) => curve.sell(part) + other.sell(sold - part)));
  near(together.sell(sold) / best, 1, 1e-4);
});

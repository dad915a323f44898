import assert from "node:assert/strict";
import test from "node:test";
import type { PoolState } from "../../../keeper/domain/observation.ts";
import { v3Schedule } from "../../../scripts/lab/uniswapV3/swapSchedule.ts";
import { MAX_SQRT_RATIO, MIN_SQRT_RATIO } from "../../../scripts/lab/uniswapV3/tickMath.ts";
import { fullRangePool, pool } from "../../support/pools.ts";

const E18 = 10n ** 18n;
const sellExact = (state: PoolState, zeroForOne: boolean, amountIn: bigint) =>
  v3Schedule(state, zeroForOne).sell(amountIn);

test("known answer 18: full range, 1e18 of token0 into 2e18 of liquidity at price 1", () => {
  const low = sellExact(fullRangePool({ feePips: 500, tickSpacing: 10 }), true, E18);
  assert.equal(low.amountOut, 666444407401233536n);
  assert.equal(low.tickAfter, -8107);
  assert.equal(low.amountInUsed, E18);
  const high = sellExact(fullRangePool({ feePips: 3000, tickSpacing: 60 }), true, E18);
  assert.equal(high.amountOut, 665331998665331998n);
});

test("selling more than a pool can take drains it to the end of its range and uses only what it took", () => {
  const amount = 10n ** 40n;
  for (const [zeroForOne, end, tick] of [
    [true, MIN_SQRT_RATIO + 1n, -887272],
    [false, MAX_SQRT_RATIO - 1n, 887271],
  ] as const) {
    const sale = sellExact(fullRangePool({ feePips: 500, tickSpacing: 10 }), zeroForOne, amount);
    assert.ok(sale.amountInUsed < amount);
    assert.equal(sale.sqrtPriceX96After, end);
    assert.equal(sale.tickAfter, tick);
    assert.equal(sale.crossed, 1);
    assert.ok(sale.amountOut < 2n * E18);
  }
});

test("a sale that ends exactly on an initialised tick has crossed it", () => {
  const twoRanges = pool({
    tickSpacing: 60,
    feePips: 3000,
    liquidity: 3n * E18,
    ticks: [
      [-887220, 2n * E18],
      [-600, E18],
      [600, -E18],
      [887220, -2n * E18],
    ],
  });
  const schedule = v3Schedule(twoRanges, true);
  let toTick = 0n;
  for (let step = 2n ** 80n; step > 0n; step /= 2n) {
    if (schedule.sell(toTick + step).tickAfter >= -600) toTick += step;
  }
  const before = schedule.sell(toTick);
  const on = schedule.sell(toTick + 1n);
  assert.equal(before.crossed, 0);
  assert.equal(on.crossed, 1);
  assert.equal(on.tickAfter, -601);
  assert.equal(on.amountInUsed, toTick + 1n);
});

test("selling nothing returns nothing and moves nothing", () => {
  const start = fullRangePool({ feePips: 500, tickSpacing: 10 });
  assert.deepEqual(sellExact(start, true, 0n), {
    amountOut: 0n,
    amountInUsed: 0n,
    feePaid: 0n,
    sqrtPriceX96After: start.sqrtPriceX96,
    tickAfter: 0,
    crossed: 0,
  });
});

test("an empty pool takes nothing and gives nothing", () => {
  const empty = pool({ tickSpacing: 60, feePips: 3000, liquidity: 0n, ticks: [] });
  const sale = sellExact(empty, false, E18);
  assert.equal(sale.amountOut, 0n);
  assert.equal(sale.amountInUsed, 0n);
});

test("a schedule answers in any order of sizes as a fresh one does", () => {
  const start = fullRangePool({ feePips: 3000, tickSpacing: 60 });
  const schedule = v3Schedule(start, false);
  for (const size of [10n ** 24n, 1n, 10n ** 18n, 10n ** 40n, 12345678901234567n, 2n]) {
    assert.deepEqual(schedule.sell(size), sellExact(start, false, size));
  }
});

test("liquidity that inconsistent ticks drive below zero counts as zero", () => {
  const broken = pool({ tickSpacing: 60, feePips: 3000, liquidity: E18, ticks: [[-60, 5n * E18]] });
  const sale = sellExact(broken, true, 10n ** 30n);
  assert.equal(sale.crossed, 1);
  assert.ok(sale.amountOut < E18 / 100n);
});

test("a negative amount or one of 2^255 is refused", () => {
  const start = fullRangePool({ feePips: 500, tickSpacing: 10 });
  for (const amount of [-1n, 2n ** 255n]) {
    assert.throws(() => sellExact(start, true, amount), { code: "OUT_OF_RANGE", message: /amountIn/ });
  }
});

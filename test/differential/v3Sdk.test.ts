import assert from "node:assert/strict";
import { createRequire } from "node:module";
import test from "node:test";
import fc from "fast-check";
import type { PoolState } from "../../keeper/domain/observation.ts";
import { readPoolFile } from "../../scripts/lab/files/poolFile.ts";
import { v3Schedule } from "../../scripts/lab/uniswapV3/swapSchedule.ts";
import { dataFile } from "../support/data.ts";
import { arbitraryPool } from "../support/pools.ts";

// The package's ES build does not load in Node (it imports folders); its CommonJS build does.
const require = createRequire(import.meta.url);
const { Pool, TickListDataProvider } = require("@uniswap/v3-sdk") as typeof import("@uniswap/v3-sdk");
const { CurrencyAmount, Token } = require("@uniswap/sdk-core") as typeof import("@uniswap/sdk-core");

type SdkSale = {
  readonly amountOut: bigint;
  readonly sqrtPriceX96After: bigint;
  readonly tickAfter: number;
  readonly liquidityAfter: bigint;
};

/** A pool as Uniswap's own JavaScript library sees it. @throws when its ticks do not add up */
function sdkPool(state: PoolState): { sell(zeroForOne: boolean, amountIn: bigint): Promise<SdkSale> } {
  const token0 = new Token(1, "0x0000000000000000000000000000000000000001", state.token0.decimals);
  const token1 = new Token(1, "0x0000000000000000000000000000000000000002", state.token1.decimals);
  const ticks = state.ticks.map(({ index, liquidityNet }) => ({
    index,
    liquidityNet: liquidityNet.toString(),
    liquidityGross: (liquidityNet < 0n ? -liquidityNet : liquidityNet).toString(),
  }));
  const pool = new Pool(
    token0,
    token1,
    state.feePips,
    state.sqrtPriceX96.toString(),
    state.liquidity.toString(),
    state.tick,
    new TickListDataProvider(ticks, state.tickSpacing),
  );
  return {
    async sell(zeroForOne, amountIn) {
      const input = CurrencyAmount.fromRawAmount(zeroForOne ? token0 : token1, amountIn.toString());
      const [output, after] = await pool.getOutputAmount(input);
      return {
        amountOut: BigInt(output.quotient.toString()),
        sqrtPriceX96After: BigInt(after.sqrtRatioX96.toString()),
        tickAfter: after.tickCurrent,
        liquidityAfter: BigInt(after.liquidity.toString()),
      };
    },
  };
}

/** Asserts that both libraries agree on one sale: amount, price, tick. */
async function assertSame(state: PoolState, zeroForOne: boolean, sizes: readonly bigint[]): Promise<void> {
  const reference = sdkPool(state);
  const schedule = v3Schedule(state, zeroForOne);
  for (const size of sizes) {
    const ours = schedule.sell(size);
    const theirs = await reference.sell(zeroForOne, size);
    const what = `${size} of token${zeroForOne ? 0 : 1}`;
    assert.equal(ours.amountOut, theirs.amountOut, what);
    assert.equal(ours.sqrtPriceX96After, theirs.sqrtPriceX96After, what);
    assert.equal(ours.tickAfter, theirs.tickAfter, what);
    assert.equal(ours.amountInUsed <= size, true, what);
  }
}

/** Powers of ten and of seven: sizes of no particular relation to the ticks, up to one that drains any pool. */
const LADDER = [
  ...Array.from({ length: 34 }, (_, i) => 10n ** BigInt(i)),
  ...Array.from({ length: 38 }, (_, i) => 7n ** BigInt(i) + 1n),
  10n ** 60n,
];

for (const [name, file] of [
  ["USDC/WETH 0.05 % with 1419 ticks", "uniswap_v3/pool_USDC_WETH_005_2026-01-24.json.gz"],
  ["WBTC/WETH 0.3 % with 458 ticks", "uniswap_v3/pool_WBTC_WETH_03_block_24407242.json.gz"],
] as const) {
  test(`the recorded pool ${name}, sold in both directions from dust to draining, equals @uniswap/v3-sdk`, async (t) => {
    const path = dataFile(file);
    if (path === null) return t.skip(`shared data not present: ${file}`);
    const { pool } = readPoolFile(path);
    await assertSame(pool, true, LADDER);
    await assertSame(pool, false, LADDER);
  });

  test(`the recorded pool ${name}, sold exactly up to, one short of and one past each tick, equals it too`, async (t) => {
    const path = dataFile(file);
    if (path === null) return t.skip(`shared data not present: ${file}`);
    const { pool } = readPoolFile(path);
    for (const zeroForOne of [true, false]) {
      const schedule = v3Schedule(pool, zeroForOne);
      const sizes: bigint[] = [];
      for (let size = 10n; size < 10n ** 30n; size = (size * 21n) / 10n) {
        const { amountInUsed, crossed } = schedule.sell(size);
        if (crossed > 0 && amountInUsed === size) sizes.push(...boundary(schedule, size, crossed));
      }
      await assertSame(pool, zeroForOne, sizes);
    }
  });
}

/** The least size that crosses as many ticks as `size` does, with its neighbours. */
function boundary(schedule: ReturnType<typeof v3Schedule>, size: bigint, crossed: number): bigint[] {
  let low = 0n;
  let high = size;
  while (low < high) {
    const middle = (low + high) / 2n;
    if (schedule.sell(middle).crossed < crossed) low = middle + 1n;
    else high = middle;
  }
  return [low - 1n, low, low + 1n].filter((one) => one > 0n);
}

test("generated pools of every fee tier equal @uniswap/v3-sdk at any size", async () => {
  const sizes = fc.array(fc.oneof(fc.bigInt({ min: 1n, max: 10n ** 6n }), fc.bigInt({ min: 1n, max: 10n ** 30n })), {
    minLength: 1,
    maxLength: 6,
  });
  await fc.assert(
    fc.asyncProperty(arbitraryPool(), fc.boolean(), sizes, async (state, zeroForOne, amounts) => {
      await assertSame(state, zeroForOne, amounts);
    }),
    { numRuns: 200 },
  );
});

import { createRequire } from "node:module";
import { join } from "node:path";
import type { PoolState } from "../../../keeper/domain/observation.ts";
import { v3SellCurve } from "../../../keeper/model/depth/uniswapV3Curve.ts";
import { readPoolFile } from "../../lab/files/poolFile.ts";
import { v3Schedule } from "../../lab/uniswapV3/swapSchedule.ts";
import { type Bench, best, type Figure } from "./figure.ts";

const require = createRequire(import.meta.url);
const { Pool, TickListDataProvider } = require("@uniswap/v3-sdk") as typeof import("@uniswap/v3-sdk");
const { CurrencyAmount, Token } = require("@uniswap/sdk-core") as typeof import("@uniswap/sdk-core");

const POOLS = ["pool_USDC_WETH_005_2026-01-24.json.gz", "pool_WBTC_WETH_03_block_24407242.json.gz"];
/** A hundred sizes from a thousandth of what 1 % slippage takes to what 50 % takes. */
const SIZES = 100;

/** The sell schedule of recorded pools at a hundred sizes, in both directions, against @uniswap/v3-sdk. */
export const depth: Bench = {
  title: `Depth: ${SIZES} sizes sold into a recorded Uniswap v3 pool`,
  async run({ data, runs }) {
    if (data === null) return "no recorded data";
    const figures: Figure[] = [];
    for (const file of POOLS) {
      const { pool } = readPoolFile(join(data, "uniswap_v3", file));
      for (const zeroForOne of [true, false]) figures.push(...(await schedule(pool, zeroForOne, runs)));
    }
    return figures;
  },
};

async function schedule(pool: PoolState, zeroForOne: boolean, runs: number): Promise<readonly Figure[]> {
  const base = zeroForOne ? pool.token0 : pool.token1;
  const curve = v3SellCurve(pool, zeroForOne);
  const [from, to] = [curve.capacity(0.01) / 1000, curve.capacity(0.5)];
  const whole = Array.from({ length: SIZES }, (_, i) => from * (to / from) ** (i / (SIZES - 1)));
  const digits = Math.min(base.decimals, 9);
  const raw = whole.map((size) => BigInt(Math.floor(size * 10 ** digits)) * 10n ** BigInt(base.decimals - digits));
  const prepared = v3Schedule(pool, zeroForOne);
  const sdk = await best(Math.min(runs, 2), () => sdkSchedule(pool, zeroForOne, raw));
  const exact = await best(runs, () => {
    // A copy, so that nothing is remembered from the run before.
    const cold = v3Schedule({ ...pool }, zeroForOne);
    for (const size of raw) cold.sell(size);
  });
  const warm = await best(runs, () => {
    for (const size of raw) prepared.sell(size);
  });
  const doubles = await best(runs, () => {
    const cold = v3SellCurve({ ...pool }, zeroForOne);
    for (const size of whole) cold.sell(size);
  });
  const doublesWarm = await best(runs, () => {
    for (const size of whole) curve.sell(size);
  });
  const peer = { name: "@uniswap/v3-sdk", ms: sdk };
  const name = `${pool.ticks.length} ticks, ${base.symbol}`;
  return [
    { what: `${name}: to the wei, prepared anew`, ms: exact, peer, ...aimOf(pool, 100, sdk / exact) },
    { what: `${name}: to the wei, prepared once`, ms: warm, peer, ...aimOf(pool, 100, sdk / warm) },
    { what: `${name}: doubles, prepared anew`, ms: doubles, peer },
    { what: `${name}: doubles, prepared once`, ms: doublesWarm, peer, ...aimOf(pool, 1_000, sdk / doublesWarm) },
  ];
}

/** The marks are set for a pool of many ticks, where the SDK's time goes. */
function aimOf(pool: PoolState, times: number, ratio: number): Pick<Figure, "aim"> {
  return pool.ticks.length < 1_000 ? {} : { aim: { text: `>= ${times} x`, met: ratio >= times } };
}

async function sdkSchedule(pool: PoolState, zeroForOne: boolean, raw: readonly bigint[]): Promise<void> {
  const text = (value: bigint): string => value.toString();
  const token0 = new Token(1, "0x0000000000000000000000000000000000000001", pool.token0.decimals);
  const token1 = new Token(1, "0x0000000000000000000000000000000000000002", pool.token1.decimals);
  const ticks = pool.ticks.map(({ index, liquidityNet: net }) => ({
    index,
    liquidityNet: text(net),
    liquidityGross: text(net < 0n ? -net : net),
  }));
  const provider = new TickListDataProvider(ticks, pool.tickSpacing);
  const { feePips, sqrtPriceX96, liquidity, tick } = pool;
  const sdk = new Pool(token0, token1, feePips, text(sqrtPriceX96), text(liquidity), tick, provider);
  const sold = zeroForOne ? token0 : token1;
  for (const size of raw) await sdk.getOutputAmount(CurrencyAmount.fromRawAmount(sold, text(size)));
}

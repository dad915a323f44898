import { createRequire } from "node:module";
import { parseArgs } from "node:util";
import { readPoolFile } from "../keeper/io/poolFile.ts";
import { v3Schedule } from "../keeper/model/depth/v3Schedule.ts";
import { v3SellCurve } from "../keeper/model/depth/v3SellCurve.ts";

/**
 * Prints how long 100 sizes of one recorded pool take, ours against @uniswap/v3-sdk, in both directions.
 * Use: node scripts/benchDepth.ts --pool pool_USDC_WETH_005.json.gz
 */
const { values } = parseArgs({ options: { pool: { type: "string" }, runs: { type: "string", default: "5" } } });
if (values.pool === undefined) throw new Error("--pool <file> is missing: a recorded pool as .json or .json.gz");

const require = createRequire(import.meta.url);
const { Pool, TickListDataProvider } = require("@uniswap/v3-sdk") as typeof import("@uniswap/v3-sdk");
const { CurrencyAmount, Token } = require("@uniswap/sdk-core") as typeof import("@uniswap/sdk-core");

const { name, pool } = readPoolFile(values.pool);
const token0 = new Token(1, "0x0000000000000000000000000000000000000001", pool.token0.decimals);
const token1 = new Token(1, "0x0000000000000000000000000000000000000002", pool.token1.decimals);
const text = (value: bigint): string => value.toString();
const sdkTicks = pool.ticks.map(({ index, liquidityNet: net }) => ({
  index,
  liquidityNet: text(net),
  liquidityGross: text(net < 0n ? -net : net),
}));

for (const zeroForOne of [true, false]) {
  const base = zeroForOne ? pool.token0 : pool.token1;
  // A hundred sizes, evenly spaced in ratio, from a thousandth of what 1 % slippage takes to what 50 % takes.
  const curve = v3SellCurve(pool, zeroForOne);
  const [from, to] = [curve.capacity(0.01) / 1000, curve.capacity(0.5)];
  const whole = Array.from({ length: 100 }, (_, i) => from * (to / from) ** (i / 99));
  const raw = whole.map(
    (size) =>
      BigInt(Math.floor(size * 10 ** Math.min(base.decimals, 9))) * 10n ** BigInt(Math.max(0, base.decimals - 9)),
  );

  const sdk = await best(async () => {
    const provider = new TickListDataProvider(sdkTicks, pool.tickSpacing);
    const p = new Pool(
      token0,
      token1,
      pool.feePips,
      text(pool.sqrtPriceX96),
      text(pool.liquidity),
      pool.tick,
      provider,
    );
    for (const size of raw)
      await p.getOutputAmount(CurrencyAmount.fromRawAmount(zeroForOne ? token0 : token1, text(size)));
  });
  const exact = await best(() => {
    const schedule = v3Schedule(pool, zeroForOne);
    for (const size of raw) schedule.sell(size);
  });
  const doubles = await best(() => {
    const prepared = v3SellCurve(pool, zeroForOne);
    for (const size of whole) prepared.sell(size);
  });
  const prepared = v3Schedule(pool, zeroForOne);
  const warm = await best(() => {
    for (const size of raw) prepared.sell(size);
  });

  console.log(`${name}, ${pool.ticks.length} ticks, selling ${base.symbol}, 100 sizes, best of ${values.runs}`);
  console.log(`  @uniswap/v3-sdk            ${sdk.toFixed(2)} ms`);
  for (const [what, ms] of [
    ["exact, prepared anew", exact],
    ["exact, prepared once", warm],
    ["doubles, prepared anew", doubles],
  ] as const) {
    console.log(`  ${what.padEnd(26)} ${ms.toFixed(2)} ms, ${(sdk / ms).toFixed(0)} times as fast`);
  }
}

async function best(work: () => unknown): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let run = 0; run < Number(values.runs); run++) {
    const start = performance.now();
    await work();
    least = Math.min(least, performance.now() - start);
  }
  return least;
}

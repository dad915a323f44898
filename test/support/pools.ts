import fc from "fast-check";
import type { PoolState, PoolToken } from "../../keeper/domain/observation.ts";
import { MAX_TICK, MIN_TICK } from "../../keeper/model/depth/uniswapV3Curve.ts";
import { getSqrtRatioAtTick, getTickAtSqrtRatio, Q96 } from "../../scripts/lab/uniswapV3/tickMath.ts";

/** What a test says about a pool; the rest is calm: price 1, 18 decimals. */
export type PoolSketch = {
  readonly address?: string;
  readonly feePips: number;
  readonly tickSpacing: number;
  readonly liquidity: bigint;
  readonly ticks: readonly (readonly [index: number, liquidityNet: bigint])[];
  readonly sqrtPriceX96?: bigint;
  readonly token0?: PoolToken;
  readonly token1?: PoolToken;
};

/** A token whose address is made from its symbol. */
export function token(symbol: string, decimals = 18): PoolToken {
  return { address: `0x${Buffer.from(symbol).toString("hex").padStart(40, "0")}`, symbol, decimals };
}

/** State of a pool from a sketch. */
export function pool(sketch: PoolSketch): PoolState {
  const sqrtPriceX96 = sketch.sqrtPriceX96 ?? Q96;
  return {
    kind: "pool",
    source: "test",
    pool: sketch.address ?? "0x0000000000000000000000000000000000000001",
    blockNumber: 1n,
    eventTime: 1_700_000_000,
    token0: sketch.token0 ?? token("BASE"),
    token1: sketch.token1 ?? token("QUOTE"),
    feePips: sketch.feePips,
    tickSpacing: sketch.tickSpacing,
    sqrtPriceX96,
    tick: getTickAtSqrtRatio(sqrtPriceX96),
    liquidity: sketch.liquidity,
    ticks: sketch.ticks.map(([index, liquidityNet]) => ({ index, liquidityNet })),
  };
}

/** A pool with one position over its full range. */
export function fullRangePool(
  sketch: Pick<PoolSketch, "feePips" | "tickSpacing"> & Partial<PoolSketch>,
  liquidity: bigint = 2n * 10n ** 18n,
): PoolState {
  const { tickSpacing } = sketch;
  const ticks = [
    [Math.ceil(MIN_TICK / tickSpacing) * tickSpacing, liquidity],
    [Math.floor(MAX_TICK / tickSpacing) * tickSpacing, -liquidity],
  ] as const;
  return pool({ liquidity, ticks, ...sketch });
}

/** One position of a generated pool, ticks in units of the spacing. */
export type Position = { readonly lower: number; readonly upper: number; readonly liquidity: bigint };

/** A pool with the given positions, consistent by construction. */
export function poolOfPositions(
  sketch: Pick<PoolSketch, "feePips" | "tickSpacing" | "sqrtPriceX96"> & Partial<PoolSketch>,
  positions: readonly Position[],
): PoolState {
  const nets = new Map<number, bigint>();
  for (const { lower, upper, liquidity } of positions) {
    nets.set(lower, (nets.get(lower) ?? 0n) + liquidity);
    nets.set(upper, (nets.get(upper) ?? 0n) - liquidity);
  }
  const ticks = [...nets].filter(([, net]) => net !== 0n).toSorted(([a], [b]) => a - b);
  const tick = getTickAtSqrtRatio(sketch.sqrtPriceX96 ?? Q96);
  const inRange = positions.filter(({ lower, upper }) => lower <= tick && tick < upper);
  const liquidity = inRange.reduce((total, position) => total + position.liquidity, 0n);
  return pool({ ...sketch, liquidity, ticks });
}

/** Generated pools: every fee tier, one to a dozen positions of all widths, price anywhere within two decades. */
export function arbitraryPool(): fc.Arbitrary<PoolState> {
  return fc
    .record({
      tier: fc.constantFrom([100, 1], [500, 10], [3000, 60], [10000, 200]),
      tick: fc.integer({ min: -46_000, max: 46_000 }),
      withinTick: fc.bigInt({ min: 0n, max: 1000n }),
      positions: fc.array(
        fc.record({
          centre: fc.integer({ min: -50_000, max: 50_000 }),
          width: fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 200, max: 100_000 })),
          liquidity: fc.bigInt({ min: 1n, max: 10n ** 24n }),
        }),
        { minLength: 1, maxLength: 12 },
      ),
    })
    .map(({ tier, tick, withinTick, positions }) => {
      const [feePips = 0, tickSpacing = 1] = tier;
      const here = getSqrtRatioAtTick(tick);
      const sqrtPriceX96 = here + ((getSqrtRatioAtTick(tick + 1) - 1n - here) * withinTick) / 1000n;
      const ranges = positions.map(({ centre, width, liquidity }) => {
        const lower = Math.floor((centre - width) / tickSpacing) * tickSpacing;
        return { lower, upper: lower + Math.max(1, Math.ceil((2 * width) / tickSpacing)) * tickSpacing, liquidity };
      });
      return poolOfPositions({ feePips, tickSpacing, sqrtPriceX96 }, ranges);
    });
}

import type { TickMap } from "./tickMap.ts";

/**
 * Shares of in-range liquidity by half-width of the band around the price, in ticks of 0.01 %. Rounded from the
 * recorded USDC/WETH 0.05 % pool: a thin base over the whole range, most of the liquidity within a third of the price.
 */
const BANDS: readonly (readonly [halfWidthTicks: number, shareBps: bigint])[] = [
  [887_272, 20n],
  [20_000, 480n],
  [10_000, 1_000n],
  [5_000, 2_000n],
  [2_500, 2_500n],
  [1_000, 2_000n],
  [500, 2_000n],
];

const MAX_TICK = 887_272;

/** What a generated pool is made from. Liquidity is the in-range liquidity, raw. */
type PoolShape = {
  readonly feePips: number;
  readonly tickSpacing: number;
  readonly sqrtPriceX96: bigint;
  readonly liquidity: bigint;
};

/**
 * Returns a tick map without any recording: nested bands (`BANDS`) around the given price. Depth falls with distance
 * as in the recorded pools, but in steps; figures taken from it are an illustration, never evidence.
 *
 * @param shape price and in-range liquidity wanted; reached exactly.
 */
export function generatedTickMap(shape: PoolShape): TickMap {
  const { feePips, tickSpacing, sqrtPriceX96, liquidity } = shape;
  const tick = tickOf(sqrtPriceX96);
  const edge = MAX_TICK - (MAX_TICK % tickSpacing);
  const changes = new Map<number, { net: bigint; gross: bigint }>();
  const change = (index: number, net: bigint) => {
    const before = changes.get(index) ?? { net: 0n, gross: 0n };
    changes.set(index, { net: before.net + net, gross: before.gross + (net < 0n ? -net : net) });
  };
  let rest = liquidity;
  BANDS.forEach(([halfWidth, share], i) => {
    const part = i === BANDS.length - 1 ? rest : (liquidity * share) / 10_000n;
    rest -= part;
    change(Math.max(-edge, floorTo(tick - halfWidth, tickSpacing)), part);
    change(Math.min(edge, floorTo(tick + halfWidth, tickSpacing) + tickSpacing), -part);
  });
  const ticks = [...changes]
    .sort(([a], [b]) => a - b)
    .map(([index, { net, gross }]) => ({ index, liquidityNet: net, liquidityGross: gross }));
  return { source: "generated shape", feePips, tickSpacing, sqrtPriceX96, tick, liquidity, ticks, residue: 0n };
}

/** Returns the tick of a price, good to one tick (the pool computes its own exactly). */
function tickOf(sqrtPriceX96: bigint): number {
  return Math.floor((2 * Math.log(Number(sqrtPriceX96) / 2 ** 96)) / Math.log(1.0001));
}

function floorTo(tick: number, spacing: number): number {
  return Math.floor(tick / spacing) * spacing;
}

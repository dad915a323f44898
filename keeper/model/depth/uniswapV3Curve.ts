import { countWhile } from "../../domain/numbers.ts";
import type { PoolState, PoolTick } from "../../domain/observation.ts";
import { constantProduct } from "./combinedSellCurve.ts";
import { type PieceShape, type SellCurve, sellCurve } from "./sellCurve.ts";

/** Lowest and highest tick of a Uniswap v3 pool: prices from 2^-128 to 2^128. */
export const MIN_TICK = -887272;
export const MAX_TICK = 887272;
/** Logarithm of the square root of the price, a tick; by it a price comes out with a relative error of about 1e-15. */
const LN_SQRT_TICK = Math.log1p(1e-4) / 2;
const TWO_96 = 2 ** 96;

/** Index of the last tick at or below the given one, -1 when there is none. */
export function lastAtOrBelow(ticks: PoolState["ticks"], tick: number): number {
  return countWhile(ticks, ({ index }) => index <= tick) - 1;
}

/**
 * Sell curve of a Uniswap v3 pool in whole tokens: one piece per price range with liquidity, down to the end of the
 * pool, worked out as far as it is asked for. In doubles, relative error about 1e-11.
 * A pool without a price has an empty curve. Liquidity that inconsistent ticks would drive below zero counts as zero.
 * @param pool ticks ascending  @param baseIsToken0 true when token0 is sold for token1
 */
export function v3SellCurve(pool: PoolState, baseIsToken0: boolean): SellCurve {
  const id = pool.pool.toLowerCase();
  const sqrtPrice = Number(pool.sqrtPriceX96) / TWO_96;
  if (!(sqrtPrice > 0)) return sellCurve([id], 0, []);
  const [base, quote] = baseIsToken0 ? [pool.token0, pool.token1] : [pool.token1, pool.token0];
  const priceScale = 10 ** (base.decimals - quote.decimals);
  const toPrice = (sqrt: number): number => (baseIsToken0 ? sqrt * sqrt : 1 / (sqrt * sqrt)) * priceScale;
  const mid = toPrice(sqrtPrice);
  const liquidityScale = 10 ** (-(base.decimals + quote.decimals) / 2) / Math.sqrt(1 - pool.feePips / 1e6);
  return sellCurve([id], mid, pieces(pool, baseIsToken0, mid, toPrice, liquidityScale));
}

/** One piece for each price range with liquidity, in order of sale. */
function* pieces(
  pool: PoolState,
  baseIsToken0: boolean,
  mid: number,
  toPrice: (sqrt: number) => number,
  liquidityScale: number,
): Generator<PieceShape> {
  const fee = pool.feePips / 1e6;
  let liquidity = pool.liquidity;
  let price = mid;
  for (const { tick, liquidityNet } of ticksAhead(pool, baseIsToken0)) {
    const endPrice = Math.min(price, toPrice(Math.exp(tick * LN_SQRT_TICK)));
    if (liquidity > 0n && endPrice < price) {
      yield constantProduct(Number(liquidity) * liquidityScale, price * (1 - fee), endPrice * (1 - fee));
    }
    liquidity += liquidityNet;
    price = endPrice;
  }
}

/** Ticks in the order in which a sale crosses them, with the change of liquidity it meets, then the end of the pool. */
function* ticksAhead(pool: PoolState, down: boolean): Generator<{ tick: number; liquidityNet: bigint }> {
  const here = lastAtOrBelow(pool.ticks, pool.tick);
  for (let i = down ? here : here + 1; i >= 0 && i < pool.ticks.length; i += down ? -1 : 1) {
    const at = pool.ticks[i];
    if (at !== undefined) yield { tick: at.index, liquidityNet: down ? -at.liquidityNet : at.liquidityNet };
  }
  yield { tick: down ? MIN_TICK : MAX_TICK, liquidityNet: 0n };
}

/**
 * The pool with no more liquidity in any price range than `most`: what was in range over time bounds what may be counted
 * now, wherever it was put a moment ago. The same pool where nothing exceeds it.
 * @param limit raw liquidity
 */
export function boundedPool(pool: PoolState, limit: bigint): PoolState {
  const ticks: PoolTick[] = [];
  let [present, counted] = [0n, 0n];
  let isBounded = pool.liquidity > limit;
  for (const { index, liquidityNet } of pool.ticks) {
    present += liquidityNet;
    const above = present > limit ? limit : present;
    isBounded ||= above < present;
    if (above !== counted) ticks.push({ index, liquidityNet: above - counted });
    counted = above;
  }
  if (!isBounded) return pool;
  return { ...pool, liquidity: pool.liquidity > limit ? limit : pool.liquidity, ticks };
}

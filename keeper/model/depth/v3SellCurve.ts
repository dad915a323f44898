import type { PoolState } from "../../domain/observation.ts";
import { remembered } from "../numerics/remembered.ts";
import { constantProduct } from "./constantProduct.ts";
import { type PieceShape, type SellCurve, sellCurve } from "./sellCurve.ts";
import { MAX_TICK, MIN_TICK, sqrtPriceAtTick } from "./tickMath.ts";
import { lastAtOrBelow } from "./tickWalk.ts";

const TWO_96 = 2 ** 96;

/**
 * Sell curve of a Uniswap v3 pool in whole tokens: one piece per price range with liquidity, down to the end of the
 * pool. In doubles, relative error about 1e-11; `sellExact` gives the wei.
 *
 * A pool without a price has an empty curve. Liquidity that inconsistent ticks would drive below zero counts as zero.
 *
 * @param pool ticks ascending
 * @param baseIsToken0 true when token0 is sold for token1
 */
export function v3SellCurve(pool: PoolState, baseIsToken0: boolean): SellCurve {
  return baseIsToken0 ? sellingToken0(pool) : sellingToken1(pool);
}

const sellingToken0 = remembered((pool: PoolState) => curveOf(pool, true));
const sellingToken1 = remembered((pool: PoolState) => curveOf(pool, false));

function curveOf(pool: PoolState, baseIsToken0: boolean): SellCurve {
  const sqrtPrice = Number(pool.sqrtPriceX96) / TWO_96;
  if (!(sqrtPrice > 0)) return sellCurve([pool.pool.toLowerCase()], 0, []);
  const [base, quote] = baseIsToken0 ? [pool.token0, pool.token1] : [pool.token1, pool.token0];
  const fee = pool.feePips / 1e6;
  const priceScale = 10 ** (base.decimals - quote.decimals);
  const liquidityScale = 10 ** (-(base.decimals + quote.decimals) / 2) / Math.sqrt(1 - fee);
  const toPrice = (sqrt: number): number => (baseIsToken0 ? sqrt * sqrt : 1 / (sqrt * sqrt)) * priceScale;

  const mid = toPrice(sqrtPrice);
  const shapes: PieceShape[] = [];
  let liquidity = pool.liquidity;
  let price = mid;
  for (const { tick, liquidityNet } of ticksAhead(pool, baseIsToken0)) {
    const endPrice = Math.min(price, toPrice(sqrtPriceAtTick(tick)));
    if (liquidity > 0n && endPrice < price) {
      shapes.push(constantProduct(Number(liquidity) * liquidityScale, price * (1 - fee), endPrice * (1 - fee)));
    }
    liquidity += liquidityNet;
    price = endPrice;
  }
  return sellCurve([pool.pool.toLowerCase()], mid, shapes);
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

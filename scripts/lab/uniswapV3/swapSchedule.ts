import { TonsorError } from "../../../keeper/domain/errors.ts";
import type { PoolState } from "../../../keeper/domain/observation.ts";
import { lastAtOrBelow, MAX_TICK, MIN_TICK } from "../../../keeper/model/depth/uniswapV3Curve.ts";
import { computeSwapStep, wholeSwapStep } from "./swapMath.ts";
import { getSqrtRatioAtTick, getTickAtSqrtRatio, MAX_SQRT_RATIO, MIN_SQRT_RATIO } from "./tickMath.ts";

/** Next place at which v3-core's swap loop stops. */
type NextTick = { readonly tick: number; readonly initialised: boolean; readonly liquidityNet: bigint };

/**
 * Finder of the next stop of a swap from a tick: the next initialised tick, or the border of the 256-tick bitmap word
 * when none lies before it, as v3-core's `TickBitmap.nextInitializedTickWithinOneWord`. May return a tick beyond the
 * lowest or highest one.
 *
 * @param pool ticks ascending
 * @param zeroForOne true when the price falls
 */
function tickWalk(pool: PoolState, zeroForOne: boolean): (tick: number) => NextTick {
  const { ticks, tickSpacing } = pool;
  return (tick) => {
    const found = ticks[lastAtOrBelow(ticks, tick) + (zeroForOne ? 0 : 1)];
    const compressed = Math.floor(tick / tickSpacing) + (zeroForOne ? 0 : 1);
    const word = compressed >> 8;
    const border = (zeroForOne ? word * 256 : word * 256 + 255) * tickSpacing;
    const within = found !== undefined && (zeroForOne ? found.index >= border : found.index <= border);
    return within
      ? { tick: found.index, initialised: true, liquidityNet: found.liquidityNet }
      : { tick: border, initialised: false, liquidityNet: 0n };
  };
}

const INT256_MAX = 2n ** 255n - 1n;

/** Outcome of one exact sale, raw token units. */
type ExactSale = {
  readonly amountOut: bigint;
  /** Input taken, fee included; less than offered only when the pool is drained. */
  readonly amountInUsed: bigint;
  readonly feePaid: bigint;
  readonly sqrtPriceX96After: bigint;
  readonly tickAfter: number;
  /** Initialised ticks crossed. */
  readonly crossed: number;
};

/** A pool prepared for many sales in one direction. */
type V3Schedule = {
  readonly zeroForOne: boolean;
  /** Outcome of selling `amountIn` raw units (fee included, [0, 2^255)) into the untouched pool. */
  sell(amountIn: bigint): ExactSale;
};

/** State of the pool after a sale that ends exactly at a stop. */
type Stop = ExactSale & { readonly liquidity: bigint };

/**
 * Schedule of one pool and direction: cumulative amounts at every place where the pool's own loop stops, so that one
 * size costs a binary search and one step. Stops are worked out when first needed and kept.
 *
 * v3-core stops at initialised ticks *and* at the borders of its bitmap words, rounding each time; both are stops here,
 * which is what makes the result equal to the wei. That a stop's amounts do not depend on the size sold follows from
 * the step: floor(x (1 - fee)) >= a exactly when x >= a + ceil(a fee / (1 - fee)).
 *
 * Liquidity that the ticks would drive below zero (inconsistent data) counts as zero.
 *
 * @param pool ticks ascending and unique; price and tick as read at one block
 * @param zeroForOne true to sell token0
 */
export function v3Schedule(pool: PoolState, zeroForOne: boolean): V3Schedule {
  const next = tickWalk(pool, zeroForOne);
  const limit = zeroForOne ? MIN_SQRT_RATIO + 1n : MAX_SQRT_RATIO - 1n;
  const stops: Stop[] = [
    {
      amountOut: 0n,
      amountInUsed: 0n,
      feePaid: 0n,
      sqrtPriceX96After: pool.sqrtPriceX96,
      tickAfter: pool.tick,
      crossed: 0,
      liquidity: pool.liquidity,
    },
  ];

  const lastStop = (): Stop => stops[stops.length - 1] as Stop;

  function extendTo(amountIn: bigint): void {
    for (let last = lastStop(); last.amountInUsed < amountIn && last.sqrtPriceX96After !== limit; last = lastStop()) {
      stops.push(advance(last, null, next(last.tickAfter)));
    }
  }

  /** The state after `amount` more went in, at most as far as the next stop; null for all the way to it. */
  function advance(from: Stop, amount: bigint | null, to: NextTick): Stop {
    const sqrtTick = getSqrtRatioAtTick(Math.min(MAX_TICK, Math.max(MIN_TICK, to.tick)));
    const beyond = zeroForOne ? sqrtTick < limit : sqrtTick > limit;
    const target = beyond ? limit : sqrtTick;
    const { sqrtPriceX96After: price, liquidity: before } = from;
    const step =
      amount === null
        ? wholeSwapStep(price, target, before, pool.feePips)
        : computeSwapStep(price, target, before, amount, pool.feePips);
    const sqrtPriceX96After = step.sqrtPriceNextX96;
    const reached = sqrtPriceX96After === sqrtTick;
    const liquidity = reached ? from.liquidity + (zeroForOne ? -to.liquidityNet : to.liquidityNet) : from.liquidity;
    return {
      amountOut: from.amountOut + step.amountOut,
      amountInUsed: from.amountInUsed + step.amountIn + step.feeAmount,
      feePaid: from.feePaid + step.feeAmount,
      sqrtPriceX96After,
      tickAfter: reached ? to.tick - (zeroForOne ? 1 : 0) : tickAfterStep(from, sqrtPriceX96After),
      crossed: from.crossed + (reached && to.initialised ? 1 : 0),
      liquidity: liquidity < 0n ? 0n : liquidity,
    };
  }

  return {
    zeroForOne,
    sell(amountIn) {
      if (amountIn < 0n || amountIn > INT256_MAX) {
        const expected = "raw token units in [0, 2^255)";
        throw new TonsorError("OUT_OF_RANGE", "amount is out of range", {
          field: "amountIn",
          given: amountIn,
          expected,
        });
      }
      extendTo(amountIn);
      const index = firstAtLeast(stops, amountIn);
      const reached = stops[index];
      if (reached === undefined) return sale(lastStop());
      if (reached.amountInUsed === amountIn) return sale(reached);
      const from = stops[index - 1] as Stop;
      return sale(advance(from, amountIn - from.amountInUsed, next(from.tickAfter)));
    },
  };
}

function tickAfterStep(from: Stop, sqrtPriceX96After: bigint): number {
  return sqrtPriceX96After === from.sqrtPriceX96After ? from.tickAfter : getTickAtSqrtRatio(sqrtPriceX96After);
}

/** Index of the first stop with at least this much input; `stops.length` when there is none. */
function firstAtLeast(stops: readonly Stop[], amountIn: bigint): number {
  let low = 0;
  let high = stops.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((stops[middle] as Stop).amountInUsed < amountIn) low = middle + 1;
    else high = middle;
  }
  return low;
}

function sale({ liquidity: _, ...outcome }: Stop): ExactSale {
  return outcome;
}

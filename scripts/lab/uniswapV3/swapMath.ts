import { amount0Down, amount0Up, amount1Down, amount1Up, mulDivUp, nextSqrtPriceFromInput } from "./sqrtPriceMath.ts";

/** Fee denominator: fees are in hundredths of a basis point, a million to one. */
const FEE_ONE = 1_000_000n;

/** What one step inside one price range did, raw token units. */
type SwapStep = {
  readonly sqrtPriceNextX96: bigint;
  /** Input without the fee, rounded up. */
  readonly amountIn: bigint;
  /** Output, rounded down. */
  readonly amountOut: bigint;
  /** Fee, rounded up; in a step that ends inside the range, all that is left of the input. */
  readonly feeAmount: bigint;
};

/** The step that reaches the target, whatever it takes: `computeSwapStep` with an input without end. */
export function wholeSwapStep(
  sqrtPriceX96: bigint,
  sqrtTargetX96: bigint,
  liquidity: bigint,
  feePips: number,
): SwapStep {
  const zeroForOne = sqrtPriceX96 >= sqrtTargetX96;
  const fee = BigInt(feePips);
  const amountIn = (zeroForOne ? amount0Up : amount1Up)(sqrtTargetX96, sqrtPriceX96, liquidity);
  return {
    sqrtPriceNextX96: sqrtTargetX96,
    amountIn,
    amountOut: (zeroForOne ? amount1Down : amount0Down)(sqrtTargetX96, sqrtPriceX96, liquidity),
    feeAmount: mulDivUp(amountIn, fee, FEE_ONE - fee),
  };
}

/**
 * One step of an exact-input swap at constant liquidity, from the current price to the target or until the input is
 * used up; integer rounding as v3-core's `SwapMath.computeSwapStep`.
 *
 * @param sqrtPriceX96 current price, Q64.96; the sale is of token0 when the target is at or below it
 * @param sqrtTargetX96 price at which the range ends, Q64.96
 * @param liquidity in-range liquidity, >= 0 (zero moves to the target for nothing)
 * @param amountRemaining input left, fee included, raw units, >= 0
 * @param feePips fee in hundredths of a basis point, [0, 1e6)
 * @example
 * // price 1 -> 1.01, liquidity 2e18, 1e18 in, fee 600:
 * // amountIn 9975124224178055, feeAmount 5988667735148, amountOut 9925619580021728
 */
export function computeSwapStep(
  sqrtPriceX96: bigint,
  sqrtTargetX96: bigint,
  liquidity: bigint,
  amountRemaining: bigint,
  feePips: number,
): SwapStep {
  const zeroForOne = sqrtPriceX96 >= sqrtTargetX96;
  const amountInUp = zeroForOne ? amount0Up : amount1Up;
  const amountOutDown = zeroForOne ? amount1Down : amount0Down;
  const amountLessFee = (amountRemaining * (FEE_ONE - BigInt(feePips))) / FEE_ONE;
  if (amountLessFee >= amountInUp(sqrtTargetX96, sqrtPriceX96, liquidity)) {
    return wholeSwapStep(sqrtPriceX96, sqrtTargetX96, liquidity, feePips);
  }
  const sqrtPriceNextX96 = nextSqrtPriceFromInput(sqrtPriceX96, liquidity, amountLessFee, zeroForOne);
  const amountIn = amountInUp(sqrtPriceNextX96, sqrtPriceX96, liquidity);
  const amountOut = amountOutDown(sqrtPriceNextX96, sqrtPriceX96, liquidity);
  return { sqrtPriceNextX96, amountIn, amountOut, feeAmount: amountRemaining - amountIn };
}

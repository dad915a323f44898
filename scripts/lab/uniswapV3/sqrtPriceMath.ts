import { Q96 } from "./tickMath.ts";

const Q256 = 2n ** 256n;
const Q96_LESS_ONE = Q96 - 1n;

/** ceil(a * b / denominator). */
export function mulDivUp(a: bigint, b: bigint, denominator: bigint): bigint {
  return divUp(a * b, denominator);
}

/**
 * Raw token0 between two prices at constant liquidity, rounded up: what a trader pays in. v3-core divides by one price and
 * then by the other; both rounded the same way, that is one division by their product, at half the time.
 * @param sqrtA, sqrtB Q64.96, either order, > 0
 * @param liquidity in-range liquidity, >= 0
 */
export function amount0Up(sqrtA: bigint, sqrtB: bigint, liquidity: bigint): bigint {
  const [low, high] = sqrtA < sqrtB ? [sqrtA, sqrtB] : [sqrtB, sqrtA];
  return divUp((liquidity << 96n) * (high - low), high * low);
}

/** Raw token0 between two prices at constant liquidity, rounded down: what a trader is paid out. */
export function amount0Down(sqrtA: bigint, sqrtB: bigint, liquidity: bigint): bigint {
  const [low, high] = sqrtA < sqrtB ? [sqrtA, sqrtB] : [sqrtB, sqrtA];
  return ((liquidity << 96n) * (high - low)) / (high * low);
}

/** Raw token1 between two prices at constant liquidity, rounded up. */
export function amount1Up(sqrtA: bigint, sqrtB: bigint, liquidity: bigint): bigint {
  return (liquidity * (sqrtA < sqrtB ? sqrtB - sqrtA : sqrtA - sqrtB) + Q96_LESS_ONE) >> 96n;
}

/** Raw token1 between two prices at constant liquidity, rounded down. */
export function amount1Down(sqrtA: bigint, sqrtB: bigint, liquidity: bigint): bigint {
  return (liquidity * (sqrtA < sqrtB ? sqrtB - sqrtA : sqrtA - sqrtB)) >> 96n;
}

/**
 * Price after `amountIn` of the sold token went in at constant liquidity, Q64.96, rounded so that the pool never gives
 * more than it should: up when token0 is sold (price falls), down when token1 is sold (price rises). The two branches
 * for token0 are v3-core's, which takes the second where the first would overflow 256 bits.
 *
 * @param sqrtPriceX96 Q64.96, > 0
 * @param liquidity > 0
 * @param amountIn raw units after the fee, >= 0
 */
export function nextSqrtPriceFromInput(
  sqrtPriceX96: bigint,
  liquidity: bigint,
  amountIn: bigint,
  zeroForOne: boolean,
): bigint {
  if (amountIn === 0n) return sqrtPriceX96;
  if (!zeroForOne) return sqrtPriceX96 + (amountIn << 96n) / liquidity;
  const numerator = liquidity << 96n;
  const product = amountIn * sqrtPriceX96;
  if (product < Q256 && numerator + product < Q256) return mulDivUp(numerator, sqrtPriceX96, numerator + product);
  return divUp(numerator, numerator / sqrtPriceX96 + amountIn);
}

function divUp(a: bigint, b: bigint): bigint {
  return (a + b - 1n) / b;
}

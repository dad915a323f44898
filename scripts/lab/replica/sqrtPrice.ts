import { TonsorError } from "../../../keeper/domain/errors.ts";

const USD_SCALE = 1e8;

/** A token's USD price and decimals: what its raw unit is worth. */
type TokenValue = { readonly usd: number; readonly decimals: number };

/**
 * Returns the pool price at which neither token is a bargain: sqrt of token1 raw units per token0 raw unit, Q64.96,
 * rounded down. Prices are taken to 1e-8 USD, like Chainlink's.
 *
 * @throws TonsorError OUT_OF_RANGE when a price is not positive, finite and below 1e12 USD.
 * @example sqrtPriceX96At({ usd: 1, decimals: 6 }, { usd: 2500, decimals: 18 }) // 1584563250285286751870879006720000n
 */
export function sqrtPriceX96At(token0: TokenValue, token1: TokenValue): bigint {
  const numerator = scaledUsd(token0.usd) * 10n ** BigInt(token1.decimals);
  const denominator = scaledUsd(token1.usd) * 10n ** BigInt(token0.decimals);
  return squareRootDown((numerator << 192n) / denominator);
}

/** Returns the USD price as a feed with 8 decimals answers it. @example scaledUsd(2948.65) // 294865000000n */
export function scaledUsd(usd: number): bigint {
  if (!(usd > 0 && usd < 1e12)) {
    throw new TonsorError("OUT_OF_RANGE", "a price must be positive", { given: usd, expected: "0 < USD < 1e12" });
  }
  const scaled = BigInt(Math.round(usd * USD_SCALE));
  return scaled > 0n ? scaled : 1n;
}

/** Returns the USD price of token1 at a pool price, given that of token0. Inverse of `sqrtPriceX96At`, in floats. */
export function usdOfToken1(sqrtPriceX96: bigint, token0: TokenValue, decimals1: number): number {
  const root = Number(sqrtPriceX96) / 2 ** 96;
  return (token0.usd * 10 ** (decimals1 - token0.decimals)) / (root * root);
}

/** Returns the greatest integer whose square is at most `value` (Newton, from above). */
function squareRootDown(value: bigint): bigint {
  if (value < 2n) return value;
  let root = 1n << BigInt((value.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

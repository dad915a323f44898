import { requireAmount, requireRange } from "./numerics/requireRange.ts";

/**
 * Volatility implied by a Uniswap v3 pool, an annualised fraction: `2 fee sqrt(volume_24h / tick TVL) * sqrt(365)`.
 * Wash volume raises it and idle liquidity lowers it, so it is only the last market source of the ladder, and bounded.
 * Zero tick TVL: null. Source: Lambert, "On-chain Volatility and Uniswap v3" (2021).
 * @param fee fraction, 0.003 = 0.3 %  @param volume24hUsd >= 0
 * @param tickTvlUsd value of the liquidity within the current tick spacing, >= 0
 * @example poolImpliedVolatility(0.003, 10e6, 2.5e6) // 0.2293, 1.2 % a day
 */
export function poolImpliedVolatility(fee: number, volume24hUsd: number, tickTvlUsd: number): number | null {
  requireRange("fee", fee, 0, 1);
  requireAmount("volume24hUsd", volume24hUsd);
  requireAmount("tickTvlUsd", tickTvlUsd);
  if (tickTvlUsd === 0) return null;
  return 2 * fee * Math.sqrt(volume24hUsd / tickTvlUsd) * Math.sqrt(365);
}

/** What Aloe II's form reads of one pool: fees growth between two moments, per unit of liquidity, Q128.128. */
export type FeeGrowthWindow = {
  /** Fee less protocol fee, of each token, in millionths. */
  readonly gamma0: bigint;
  readonly gamma1: bigint;
  readonly tickSpacing: bigint;
  /** Square root of the mean price of the window, Q64.96. */
  readonly sqrtMeanPriceX96: bigint;
  readonly feeGrowth0StartX128: bigint;
  readonly feeGrowth0EndX128: bigint;
  readonly feeGrowth1StartX128: bigint;
  readonly feeGrowth1EndX128: bigint;
  readonly elapsedSeconds: bigint;
};

/**
 * The same volatility from fee growth alone, over `scaleSeconds`, times 1e12 and rounded down:
 * `2 sqrt(20000 (fg0 g1 sqrtP + fg1 g0 / sqrtP) / spacing * scale / elapsed)`. Liquidity cancels, so neither volume nor
 * TVL has to be known. Fee growth may wrap around 2^256, as on chain. No time elapsed: 0.
 * Source: Aloe II, core/src/libraries/Volatility.sol, `estimate` (2023).
 * @example feeGrowthVolatilityE12(aloeExample, 86_400n) // 17276173878n: 1.7276 % a day
 */
export function feeGrowthVolatilityE12(window: FeeGrowthWindow, scaleSeconds: bigint): bigint {
  const { gamma0, gamma1, tickSpacing, sqrtMeanPriceX96: sqrtP, elapsedSeconds } = window;
  if (elapsedSeconds === 0n || sqrtP === 0n) return 0n;
  const growth0 = BigInt.asUintN(256, window.feeGrowth0EndX128 - window.feeGrowth0StartX128);
  const growth1 = BigInt.asUintN(256, window.feeGrowth1EndX128 - window.feeGrowth1StartX128);
  // Per unit of liquidity and in token1 / sqrt(P), scaled by 1e24: 1e6 from gamma and 1e18 more. Each term is rounded
  // down and the factor 2 is taken outside of the root, as on chain, so that the last digit agrees.
  const fees0 = (growth0 * gamma1 * sqrtP * 10n ** 18n) >> 224n;
  const fees1 = ((growth1 * gamma0 * 10n ** 18n) << 96n) / (sqrtP << 128n);
  return 2n * squareRootDown((20_000n * (fees0 + fees1) * scaleSeconds) / elapsedSeconds / tickSpacing);
}

/** Largest integer whose square is <= value. Newton from above. */
function squareRootDown(value: bigint): bigint {
  if (value < 2n) return value;
  let x = 1n << BigInt((value.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (x + value / x) >> 1n;
    if (next >= x) return x;
    x = next;
  }
}

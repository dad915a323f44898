import { TonsorError } from "../../../keeper/domain/errors.ts";
import { MAX_TICK, MIN_TICK } from "../../../keeper/model/depth/uniswapV3Curve.ts";

/** Square root of the price at `MIN_TICK` and `MAX_TICK`, Q64.96; a pool's price stays strictly below the second. */
export const MIN_SQRT_RATIO = 4295128739n;
export const MAX_SQRT_RATIO = 1461446703485210103287273052203988822378723970342n;
/** One in Q64.96. */
export const Q96 = 2n ** 96n;

const Q128 = 2n ** 128n;
const Q256_MAX = 2n ** 256n - 1n;
const LN_SQRT_TICK = Math.log1p(1e-4) / 2;

/** 2^128 / sqrt(1.0001)^(2^i) for i = 0..19, the multipliers of v3-core's TickMath. */
const MULTIPLIERS = [
  0xfffcb933bd6fad37aa2d162d1a594001n,
  0xfff97272373d413259a46990580e213an,
  0xfff2e50f5f656932ef12357cf3c7fdccn,
  0xffe5caca7e10e4e61c3624eaa0941cd0n,
  0xffcb9843d60f6159c9db58835c926644n,
  0xff973b41fa98c081472e6896dfb254c0n,
  0xff2ea16466c96a3843ec78b326b52861n,
  0xfe5dee046a99a2a811c461f1969c3053n,
  0xfcbe86c7900a88aedcffc83b479aa3a4n,
  0xf987a7253ac413176f2b074cf7815e54n,
  0xf3392b0822b70005940c7a398e4b70f3n,
  0xe7159475a2c29b7443b29c7fa6e889d9n,
  0xd097f3bdfd2022b8845ad8f792aa5825n,
  0xa9f746462d870fdf8a65dc1f90e061e5n,
  0x70d869a156d2a1b890bb3df62baf32f7n,
  0x31be135f97d08fd981231505542fcfa6n,
  0x9aa508b5b7a84e1c677de54f3e99bc9n,
  0x5d6af8dedb81196699c329225ee604n,
  0x2216e584f5fa1ea926041bedfe98n,
  0x48a170391f7dc42444e8fa2n,
];

/**
 * Square root of the price at a tick, Q64.96: sqrt(1.0001^tick) * 2^96, to the bit as v3-core's `TickMath`.
 *
 * @param tick whole number in [MIN_TICK, MAX_TICK]; anything else is OUT_OF_RANGE
 * @example getSqrtRatioAtTick(50) // 79426470787362580746886972461n
 */
export function getSqrtRatioAtTick(tick: number): bigint {
  if (!Number.isInteger(tick) || tick < MIN_TICK || tick > MAX_TICK) {
    throw new TonsorError("OUT_OF_RANGE", "tick is out of range", {
      field: "tick",
      given: tick,
      expected: `a whole number in [${MIN_TICK}, ${MAX_TICK}]`,
    });
  }
  const place = tick & PLACE_MASK;
  if (seenTicks[place] === tick) return seenRatios[place] as bigint;
  const ratio = computeSqrtRatio(tick);
  seenTicks[place] = tick;
  seenRatios[place] = ratio;
  return ratio;
}

/** Ratios of ticks seen before: a pool keeps its ticks for years, and each read of it asks for all of them again. */
const PLACES = 8_192;
const PLACE_MASK = PLACES - 1;
const seenTicks = new Int32Array(PLACES).fill(MAX_TICK + 1);
const seenRatios: bigint[] = new Array(PLACES).fill(0n);

function computeSqrtRatio(tick: number): bigint {
  let bits = Math.abs(tick);
  let ratio = Q128;
  for (let i = 0; bits !== 0; i++, bits >>= 1) {
    if (bits & 1) ratio = (ratio * (MULTIPLIERS[i] ?? 0n)) >> 128n;
  }
  if (tick > 0) ratio = Q256_MAX / ratio;
  return (ratio + 0xffffffffn) >> 32n;
}

/** A logarithm this far from a whole tick, in ticks, settles it; rounding is worth 5e-6 at the lowest prices. */
const CLEAR_OF_TICK = 1e-4;

/**
 * Greatest tick whose square-root price is at or below the given one, as v3-core's `getTickAtSqrtRatio`: a logarithm
 * in doubles, put right by comparing with `getSqrtRatioAtTick` where it comes near a whole tick.
 *
 * @param sqrtPriceX96 Q64.96 in [MIN_SQRT_RATIO, MAX_SQRT_RATIO); anything else is OUT_OF_RANGE
 * @example getTickAtSqrtRatio(79426470787362580746886972461n) // 50
 */
export function getTickAtSqrtRatio(sqrtPriceX96: bigint): number {
  if (sqrtPriceX96 < MIN_SQRT_RATIO || sqrtPriceX96 >= MAX_SQRT_RATIO) {
    throw new TonsorError("OUT_OF_RANGE", "square-root price is out of range", {
      field: "sqrtPriceX96",
      given: sqrtPriceX96,
      expected: `Q64.96 in [${MIN_SQRT_RATIO}, ${MAX_SQRT_RATIO})`,
    });
  }
  const exponent = Math.log(Number(sqrtPriceX96) / 2 ** 96) / LN_SQRT_TICK;
  const guess = Math.floor(exponent);
  let tick = Math.min(MAX_TICK - 1, Math.max(MIN_TICK, guess));
  const beyond = exponent - guess;
  if (tick === guess && beyond > CLEAR_OF_TICK && beyond < 1 - CLEAR_OF_TICK) return tick;
  while (getSqrtRatioAtTick(tick) > sqrtPriceX96) tick--;
  while (tick + 1 < MAX_TICK && getSqrtRatioAtTick(tick + 1) <= sqrtPriceX96) tick++;
  return tick;
}

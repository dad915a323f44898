import { requireAmount } from "../../../keeper/domain/errors.ts";

/** The two ways in which a liquidation brings about the next one, all slopes at the present point and >= 0. */
type CascadeSlopes = {
  /** lambda: fall of price per USD sold. */
  readonly pricePerUsd: number;
  /** f_p: USD becoming liquidatable per unit fall of price. */
  readonly usdPerPrice: number;
  /** a c: rise of maintenance that the keeper answers a sale of one USD with (volatility and depth response). */
  readonly thresholdPerUsd: number;
  /** f_LT: USD becoming liquidatable per unit rise of maintenance. */
  readonly usdPerThreshold: number;
};

/**
 * Loop gain `G = lambda f_p + a c f_LT`: USD liquidated by the consequences of liquidating one USD. Below 1 a shock dies
 * out; the second summand is the keeper's own share in it.
 * @example loopGain({ pricePerUsd: 1e-9, usdPerPrice: 2e8, thresholdPerUsd: 0, usdPerThreshold: 0 }) // 0.2
 */
export function loopGain(slopes: CascadeSlopes): number {
  for (const [name, value] of Object.entries(slopes)) requireAmount(name, value);
  return slopes.pricePerUsd * slopes.usdPerPrice + slopes.thresholdPerUsd * slopes.usdPerThreshold;
}

/**
 * How much larger the whole cascade is than its first liquidation: `1 / (1 - G)`, infinite from G = 1 on.
 * @example amplification(0.5) // 2
 */
export function amplification(gain: number): number {
  requireAmount("gain", gain);
  return gain >= 1 ? Number.POSITIVE_INFINITY : 1 / (1 - gain);
}

/** How much further the price falls in the end than by the first step, each dollar sold lowering it for good; `step` is the first fall. */
export function simulatedAmplification(
  soldBeyond: (fall: number) => number,
  pricePerUsd: number,
  shock: number,
  step: number,
): number {
  let extra = step;
  for (let round = 0; round < 10_000; round++) {
    const next = Math.min(1 - shock, step + pricePerUsd * soldBeyond(shock + extra));
    if (next <= extra) break;
    extra = next;
  }
  return extra / step;
}

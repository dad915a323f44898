/** Market states by 30-day realised over long-run volatility, both as known at the origin. */
export const REGIMES = ["calm", "normal", "stressed"] as const;
export type Regime = (typeof REGIMES)[number];
const CALM_BELOW = 0.75;
const STRESSED_ABOVE = 1.25;

/** State of a market from realised over long-run volatility; null when unknown. @example regimeOf(1.5) // "stressed" */
export function regimeOf(ratio: number): Regime | null {
  if (Number.isNaN(ratio)) return null;
  return ratio < CALM_BELOW ? "calm" : ratio > STRESSED_ABOVE ? "stressed" : "normal";
}

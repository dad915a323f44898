import { requireRange } from "../numerics/requireRange.ts";

/** Total variance (volatility squared times years) at one expiry. */
type TotalVariancePoint = { readonly years: number; readonly totalVariance: number };

/** Expiries closer than this are not used: pinning and settlement averaging make their volatility meaningless. */
export const SHORTEST_EXPIRY_YEARS = 12 / (24 * 365);

/**
 * Total variance at a horizon of `years`, or null without a usable expiry. Linear in time between expiries; flat forward
 * variance before the first; after the last, its volatility holds. Expiries under 12 h are left out. Total variance that
 * falls from one expiry to the next is calendar arbitrage: the earlier, higher value is carried on, which can only raise
 * the result.
 * @example totalVarianceAt([{ years: 0.1, totalVariance: 0.036 }, { years: 0.2, totalVariance: 0.05 }], 0.15) // 0.043
 */
export function totalVarianceAt(points: readonly TotalVariancePoint[], years: number): number | null {
  requireRange("years", years, 0, 100);
  const curve = withoutDecrease(points);
  const first = curve[0];
  const last = curve.at(-1);
  if (first === undefined || last === undefined) return null;
  if (years <= first.years) return (first.totalVariance * years) / first.years;
  if (years >= last.years) return (last.totalVariance * years) / last.years;
  const next = curve.findIndex((point) => point.years >= years);
  const after = curve[next] ?? last;
  const before = curve[next - 1] ?? first;
  const share = (years - before.years) / (after.years - before.years);
  return before.totalVariance + share * (after.totalVariance - before.totalVariance);
}

/**
 * Annualised volatility (a fraction) of the span from now to `years`, or null without a usable expiry. Interpolates total
 * variance, never volatility.
 * @example volatilityAt([{ years: 0.1, totalVariance: 0.036 }], 1 / 365) // 0.6: flat before the first expiry
 */
export function volatilityAt(points: readonly TotalVariancePoint[], years: number): number | null {
  requireRange("years", years, 0, 100, { openLow: true });
  const total = totalVarianceAt(points, years);
  return total === null ? null : Math.sqrt(total / years);
}

/** Usable points in order of time, each at least as high as the one before. */
function withoutDecrease(points: readonly TotalVariancePoint[]): readonly TotalVariancePoint[] {
  const usable = points
    .filter((point) => point.years >= SHORTEST_EXPIRY_YEARS)
    .toSorted((left, right) => left.years - right.years);
  let highest = 0;
  return usable.map(({ years, totalVariance }) => {
    highest = Math.max(highest, totalVariance);
    return { years, totalVariance: highest };
  });
}

import { requireAmount, requireRange } from "./numerics/requireRange.ts";

/**
 * A haircut for a holding period of `holdingDays` from one for ten days, a fraction: `H10 sqrt(T/10)`, and with
 * revaluation every `revaluationDays` instead of daily `sqrt((NR + T - 1) / T)` times that. The supervisory square-root
 * rule our horizon is compared with. Source: Basel Framework CRE22.57 and 22.59.
 * @example baselHaircut(0.15, 5) // 0.106066
 */
export function baselHaircut(tenDayHaircut: number, holdingDays: number, revaluationDays = 1): number {
  requireRange("tenDayHaircut", tenDayHaircut, 0, 1);
  requireAmount("holdingDays", holdingDays);
  requireRange("revaluationDays", revaluationDays, 1, 1e4);
  if (holdingDays === 0) return 0;
  const daily = tenDayHaircut * Math.sqrt(holdingDays / 10);
  return Math.min(1, daily * Math.sqrt((revaluationDays + holdingDays - 1) / holdingDays));
}

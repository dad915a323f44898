import type { AssetStudy } from "../backtest/assetStudy.ts";
import { METHOD_NAMES, type Method } from "../backtest/methods.ts";

/** What a rule is ranked by, in words; less is better in each. */
export const CONTESTS = {
  equalCost: "least bad debt when all are scaled, with hindsight, to the same mean allowance",
  asIs: "least bad debt as deployed",
  cheapest: "lowest mean maintenance haircut",
  steadiest: "smallest rise within 30 days (static, which never moves, left out)",
} as const;
export type Contest = keyof typeof CONTESTS;

/** The rules that come first; several when they tie (often all at zero bad debt). */
export function winners(study: AssetStudy, contest: Contest): readonly Method[] {
  const cost = COSTS[contest];
  const rules = METHOD_NAMES.filter((method) => contest !== "steadiest" || method !== "static");
  const least = Math.min(...rules.map((method) => cost(study, method)));
  return rules.filter((method) => cost(study, method) <= least + TIE);
}

/** Less than a hundredth of a basis point apart counts as a tie. */
const TIE = 1e-6;

const COSTS: Readonly<Record<Contest, (study: AssetStudy, method: Method) => number>> = {
  equalCost: (study, method) => study.protection[method].badDebtAtEqualCost,
  asIs: (study, method) => study.protection[method].badDebtPerYear,
  cheapest: (study, method) => study.protection[method].meanMaintenance,
  steadiest: (study, method) => study.maintenanceMoves[method].rise30d,
};

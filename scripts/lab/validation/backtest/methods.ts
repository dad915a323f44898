import { YEAR_HOURS } from "../../../../keeper/domain/calendar.ts";
import type { ModelParameters } from "../../../../keeper/domain/parameters.ts";
import { esMultiplier, normalQuantile } from "../../../../keeper/model/numerics/distributions.ts";
import { smartLtv } from "../../baselines/smartLtv.ts";
import type { Known } from "./rungs.ts";
import type { World } from "./world.ts";

/** Rules that are compared on the same data. */
export const METHODS = {
  ours: "Tonsor's target",
  onChain: "Tonsor as it is on chain: target after pace, dead band and the maintenance ramp",
  static: "parameters as a lender deployed them, never changed",
  ewmaNormal: "99 % value at risk, EWMA 0.94, Normal",
  realised: "expected shortfall of a t(4) at the realised volatility of 30 days",
  smartLtv: "SmartLTV (RiskDAO 2023), realised volatility, c = 3",
  aloe: "Aloe II: five standard deviations of implied volatility over 24 h",
} as const;

export type Method = keyof typeof METHODS;
export const METHOD_NAMES = Object.keys(METHODS) as readonly Method[];

/** Haircuts of one rule at one moment, fractions; initial is NaN for rules that know one number only. */
export type Haircuts = { readonly initial: number; readonly maintenance: number };

/** RiskDAO's risk factor of their published examples. */
const SMART_LTV_CONFIDENCE = 3;
/** Aloe II, Constants.sol: nSigma 5, incentive 5 %, leverage 200, and the bounds of the probe price's factor. */
const ALOE = { sigmas: 5, numerator: 1 / (1 + 1 / 20 + 1 / 200), least: 1.0531858876, most: 9.4786727457 };

/**
 * The fall that a maintenance haircut allows for: an account at its threshold owes `(1 - h)` and a liquidator takes
 * `(1 - h)(1 + b)` of collateral, so bad debt begins at a fall of `1 - (1 - h)(1 + b)`. @example allowedFall(0.17, 0.05) // 0.1285
 */
export function allowedFall(haircut: number, bonus: number): number {
  return 1 - (1 - haircut) * (1 + bonus);
}

/** Haircuts of the rules that are not ours; a loss L becomes `1 - (1 - L)/(1 + b)`, so that it allows for exactly L. */
export function baselines(known: Known, world: World, multiple: number): Record<BaselineName, Haircuts> {
  const { model, deployed, depthUsd } = world;
  const bonus = model.liquidationBonus;
  const years = model.minimumHorizonHours / YEAR_HOURS;
  const fromLoss = (loss: number): Haircuts => ({ initial: Number.NaN, maintenance: 1 - (1 - loss) / (1 + bonus) });
  const dailyRealised = known.realised / Math.sqrt(365);
  const implied = Number.isNaN(known.index) ? known.realised : known.index;
  const probe = Math.exp((ALOE.sigmas * implied) / Math.sqrt(365));
  const single = (ltv: number): Haircuts => ({ initial: Number.NaN, maintenance: 1 - ltv });
  return {
    static: deployed,
    ewmaNormal: fromLoss(1 - Math.exp(-NORMAL_99 * known.ewma * Math.sqrt(years))),
    realised: fromLoss(1 - Math.exp(-multiple * known.realised * Math.sqrt(years))),
    smartLtv: single(smart(depthUsd, dailyRealised, model)),
    aloe: single(ALOE.numerator / Math.min(ALOE.most, Math.max(ALOE.least, probe))),
  };
}

type BaselineName = "static" | "ewmaNormal" | "realised" | "smartLtv" | "aloe";

/** The multiple of the tail, computed once per backtest. */
export function tailMultiple(model: ModelParameters): number {
  return esMultiplier(model.tailLevel, model.degreesOfFreedom);
}

const NORMAL_99 = normalQuantile(0.99);

function smart(depthUsd: number, dailyVolatility: number, model: ModelParameters): number {
  if (Number.isNaN(dailyVolatility)) return Number.NaN;
  return smartLtv(depthUsd, model.supplyCapUsd, dailyVolatility, model.liquidationBonus, SMART_LTV_CONFIDENCE);
}

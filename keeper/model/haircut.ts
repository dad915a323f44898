import { YEAR_HOURS, YEAR_SECONDS } from "../domain/calendar.ts";
import type { HaircutBreakdown } from "../domain/decision.ts";
import { requireAmount, requireRange } from "../domain/errors.ts";
import type { ModelParameters } from "../domain/parameters.ts";
import { esMultiplier } from "./numerics/distributions.ts";

/** What a haircut is computed from, all finite and >= 0. */
type HaircutInputs = {
  /** s, annualised, e.g. 0.6 = 60 % a year. */
  readonly volatility: number;
  /** |feed - market| / market now; the larger of this and the feed's deviation threshold counts. */
  readonly oracleDeviation: number;
  /** L_FHS and L_RND: losses over `minimumHorizonHours` at volatility s, fractions in [0, 1]; null or absent: unknown. */
  readonly historicalLoss?: number | null;
  readonly riskNeutralLoss?: number | null;
  /** Loss of a claim against what it is a claim on over the horizon, a fraction in [0, 1]; absent: it is no claim. */
  readonly depeg?: number | undefined;
};

/** LT (1 + b) stays this far below 1: one basis point of value. */
const SOLVENCY_MARGIN = 1e-4;

/**
 * One haircut with every term it was built from, fractions of value (MODEL.md section 2):
 * `haircut = 1 - LT`, `LT = (1-eps)(1-L)(1-x)(1-d)/(1+b)`, d of a claim alone, kept so that `LT (1+b) < 1`: beyond that line each
 * liquidation worsens the account (Warwick, Toxic Liquidation Spirals, 2022). L is the loss of the horizon, `minimumHorizonHours`, in which
 * somebody notices, acts, waits for the feed and sells. What cannot be sold in time is no haircut's matter: the exposure
 * limit sees to it; and slippage is paid by the bonus. Rises with s, eps and b.
 * @throws OUT_OF_RANGE for a negative, infinite or NaN input
 * @example haircut({ volatility: 0.6, oracleDeviation: 0 }, DEFAULT_MODEL).liquidationThreshold // 0.8381
 */
export function haircut(inputs: HaircutInputs, parameters: ModelParameters): HaircutBreakdown {
  check(inputs, parameters);
  const { liquidationBonus: bonus, idiosyncratic, minimumHorizonHours: horizonHours } = parameters;
  const { volatility, depeg } = inputs;
  const k = esMultiplier(parameters.tailLevel, parameters.degreesOfFreedom);
  const { loss, binding: lossBinding } = priceLoss(k, horizonHours, inputs);
  const latencyYears = parameters.oracleLatencySeconds / YEAR_SECONDS;
  const staleness = k * volatility * Math.sqrt(latencyYears);
  const oracleError = Math.min(1, Math.max(parameters.oracleDeviation, inputs.oracleDeviation) + staleness);
  const plain = ((1 - oracleError) * (1 - loss) * (1 - idiosyncratic) * (1 - (depeg ?? 0))) / (1 + bonus);
  const liquidationThreshold = Math.min(plain, (1 - SOLVENCY_MARGIN) / (1 + bonus));
  return {
    ...{ haircut: 1 - liquidationThreshold, liquidationThreshold, volatility, tailMultiple: k, horizonHours },
    ...{ loss, lossBinding, oracleError, idiosyncratic, bonus },
    ...(depeg === undefined ? {} : { depeg }),
  };
}

/**
 * Slippage that the bonus can pay after gas and fees, `b/(1+b) - cost`, a fraction >= 0: the slippage at which depth
 * has to be measured. @example maxSlippage(0.05, 0.005) // 0.0426
 */
export function maxSlippage(liquidationBonus: number, liquidationCost: number): number {
  requireAmount("liquidationBonus", liquidationBonus);
  requireAmount("liquidationCost", liquidationCost);
  return Math.max(0, liquidationBonus / (1 + liquidationBonus) - liquidationCost);
}

/** L: the largest of the Student, historical and risk-neutral losses. */
function priceLoss(k: number, hours: number, { volatility, historicalLoss, riskNeutralLoss }: HaircutInputs) {
  const student = -Math.expm1(-k * volatility * Math.sqrt(hours / YEAR_HOURS));
  const historical = historicalLoss ?? 0;
  const riskNeutral = riskNeutralLoss ?? 0;
  // The first of equals gives the name.
  if (student >= historical && student >= riskNeutral) return { loss: student, binding: "student" };
  return historical >= riskNeutral
    ? { loss: historical, binding: "historical" }
    : { loss: riskNeutral, binding: "riskNeutral" };
}

/** A loss whose logarithm is multiplied by `scale`. @example scaleLoss(0.19, 0.5) // 0.1 */
export function scaleLoss(loss: number, scale: number): number {
  if (loss === 0) return 0;
  return loss >= 1 ? 1 : -Math.expm1(scale * Math.log1p(-loss));
}

function check(inputs: HaircutInputs, parameters: ModelParameters): void {
  requireAmount("volatility", inputs.volatility);
  requireAmount("oracleDeviation", inputs.oracleDeviation);
  requireRange("historicalLoss", inputs.historicalLoss ?? 0, 0, 1);
  requireRange("riskNeutralLoss", inputs.riskNeutralLoss ?? 0, 0, 1);
  requireRange("depeg", inputs.depeg ?? 0, 0, 1);
  requireRange("idiosyncratic", parameters.idiosyncratic, 0, 1);
  requireAmount("liquidationBonus", parameters.liquidationBonus);
  requireRange("minimumHorizonHours", parameters.minimumHorizonHours, 0, Number.MAX_VALUE, { openLow: true });
}

import { YEAR_HOURS, YEAR_SECONDS } from "../domain/calendar.ts";
import type { HaircutBreakdown } from "../domain/decision.ts";
import { requireAmount, requireRange } from "../domain/errors.ts";
import type { ModelParameters } from "../domain/parameters.ts";
import { liquidationHorizon, liquidationSize } from "./liquidation.ts";
import { esMultiplier } from "./numerics/distributions.ts";

/** What a haircut is computed from. Money in USD, volatility annualised, all finite and >= 0. */
export type HaircutInputs = {
  /** s, e.g. 0.6 = 60 % a year. */
  readonly volatility: number;
  /** Multiple of s used throughout: 1 for maintenance, 1.5 for initial. */
  readonly multiplier: number;
  /** D: USD sellable at the slippage the bonus pays, before phi and before `depthShare`. */
  readonly depthUsd: number;
  /**
   * USD sellable at the same slippage after the tail loss, liquidity providers unmoved; null or absent: unknown. It and
   * phi D are two views of the same stress, so the smaller counts and they are not multiplied.
   */
  readonly shockedDepthUsd?: number | null;
  /** Share of D counted: 1 for maintenance, 0.3 for initial. */
  readonly depthShare: number;
  /** For phi; null (unknown) gives phi its floor. */
  readonly longRunVolatility: number | null;
  /** ADV, USD a day. */
  readonly dailyVolumeUsd: number;
  /** |feed - market| / market now; the larger of this and the feed's deviation threshold counts. */
  readonly oracleDeviation: number;
  /** L_FHS and L_RND: losses over `minimumHorizonHours` at multiple 1, fractions in [0, 1]; null or absent: unknown. */
  readonly historicalLoss?: number | null;
  readonly riskNeutralLoss?: number | null;
};

/** LT (1 + b) stays this far below 1: one basis point of value. */
const SOLVENCY_MARGIN = 1e-4;

/**
 * One haircut with every term it was built from, fractions of value (MODEL.md section 3):
 * `haircut = 1 - LT`, `LT = (1-eps)(1-L)(1-I)(1-x)/(1+b)`, kept so that `LT (1+b) < 1`: beyond that line each
 * liquidation worsens the account (Warwick, Toxic Liquidation Spirals, 2022). Slippage and bonus are not added: the
 * bonus pays the slippage, and depth lengthens the horizon instead. Zero depth or volume gives a haircut of 1.
 * Rises with s, Q, eps and b, falls with depth and volume; unchanged when all USD figures change currency.
 * @throws OUT_OF_RANGE for a negative, infinite or NaN input
 * @example haircut({ volatility: 0.6, multiplier: 1, depthUsd: 60e6, depthShare: 1, longRunVolatility: 0.6,
 *   dailyVolumeUsd: 800e6, oracleDeviation: 0 }, DEFAULT_MODEL).liquidationThreshold // 0.8339
 */
export function haircut(inputs: HaircutInputs, parameters: ModelParameters): HaircutBreakdown {
  check(inputs, parameters);
  const { liquidationBonus: bonus, idiosyncratic } = parameters;
  const stressed = inputs.volatility * inputs.multiplier;
  const k = esMultiplier(parameters.tailLevel, parameters.degreesOfFreedom);
  const phi = depthFactor(stressed, inputs.longRunVolatility, parameters);
  const stressedDepthUsd = Math.min(phi * inputs.depthUsd, inputs.shockedDepthUsd ?? Number.POSITIVE_INFINITY);
  const sliceUsd = inputs.depthShare * stressedDepthUsd;
  const horizonAt = (sizeUsd: number) => liquidationHorizon(sizeUsd, sliceUsd, inputs.dailyVolumeUsd, parameters);
  const lossAt = (sizeUsd: number) => {
    const horizon = horizonAt(sizeUsd);
    return horizon.unsellable ? TOTAL_LOSS : priceLoss(k, stressed, horizon.hours, inputs, parameters);
  };

  const sizeUsd = liquidationSize((size) => lossAt(size).loss, parameters);
  const horizon = horizonAt(sizeUsd);
  const { loss, binding: lossBinding } = lossAt(sizeUsd);
  const impact = squareRootImpact(stressed, sizeUsd, inputs.dailyVolumeUsd, parameters.impactCoefficient);
  const latencyYears = parameters.oracleLatencySeconds / YEAR_SECONDS;
  const staleness = k * stressed * Math.sqrt(latencyYears);
  const oracleError = Math.min(1, Math.max(parameters.oracleDeviation, inputs.oracleDeviation) + staleness);
  const plain = ((1 - oracleError) * (1 - loss) * (1 - impact) * (1 - idiosyncratic)) / (1 + bonus);
  const liquidationThreshold = Math.min(plain, (1 - SOLVENCY_MARGIN) / (1 + bonus));
  return {
    haircut: 1 - liquidationThreshold,
    liquidationThreshold,
    volatility: inputs.volatility,
    multiplier: inputs.multiplier,
    tailMultiple: k,
    horizonHours: horizon.hours,
    horizonBinding: horizon.binding,
    slices: horizon.slices,
    sliceUsd,
    depthFactor: phi,
    sizeUsd,
    dailyVolumeUsd: inputs.dailyVolumeUsd,
    loss,
    lossBinding,
    impact,
    oracleError,
    idiosyncratic,
    bonus,
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

/**
 * phi, the share of depth left in stress, in [depthStressFloor, 1]: `min(1, max(floor, (longRun / s)^elasticity))`. Depth
 * shrinks as volatility rises above its long-run level (10 October 2025: exchange depth fell by more than 90 %). An unknown
 * long-run volatility gives the floor. @example depthFactor(0.9, 0.6, DEFAULT_MODEL) // 0.6667
 */
function depthFactor(volatility: number, longRun: number | null, parameters: ModelParameters): number {
  const { depthStressFloor: floor, depthStressElasticity: elasticity } = parameters;
  if (longRun === null) return floor;
  if (volatility === 0) return 1;
  if (longRun === 0) return floor;
  requireRange("depthStressFloor", floor, 0, 1);
  requireAmount("depthStressElasticity", elasticity);
  return Math.min(1, Math.max(floor, (longRun / volatility) ** elasticity));
}

const TOTAL_LOSS = { loss: 1, binding: "unsellable" } as const;

function squareRootImpact(volatility: number, sizeUsd: number, dailyVolumeUsd: number, coefficient: number): number {
  if (sizeUsd === 0) return 0;
  if (dailyVolumeUsd === 0) return 1;
  return Math.min(1, coefficient * (volatility / Math.sqrt(365)) * Math.sqrt(sizeUsd / dailyVolumeUsd));
}

/** L: the largest of the Student, historical and risk-neutral losses, brought to the horizon by square-root of time. */
function priceLoss(k: number, stressed: number, hours: number, inputs: HaircutInputs, parameters: ModelParameters) {
  const scale = inputs.multiplier * Math.sqrt(hours / parameters.minimumHorizonHours);
  const student = -Math.expm1(-k * stressed * Math.sqrt(hours / YEAR_HOURS));
  const historical = scaleLoss(inputs.historicalLoss ?? 0, scale);
  const riskNeutral = scaleLoss(inputs.riskNeutralLoss ?? 0, scale);
  // The first of equals gives the name.
  if (student >= historical && student >= riskNeutral) return { loss: student, binding: "student" };
  return historical >= riskNeutral
    ? { loss: historical, binding: "historical" }
    : { loss: riskNeutral, binding: "riskNeutral" };
}

/** A loss whose logarithm is multiplied by `scale`. */
function scaleLoss(loss: number, scale: number): number {
  if (loss === 0) return 0;
  return loss >= 1 ? 1 : -Math.expm1(scale * Math.log1p(-loss));
}

function check(inputs: HaircutInputs, parameters: ModelParameters): void {
  for (const name of ["volatility", "multiplier", "depthUsd", "depthShare", "dailyVolumeUsd"] as const) {
    requireAmount(name, inputs[name]);
  }
  if (typeof inputs.shockedDepthUsd === "number") requireAmount("shockedDepthUsd", inputs.shockedDepthUsd);
  requireAmount("oracleDeviation", inputs.oracleDeviation);
  if (inputs.longRunVolatility !== null) requireAmount("longRunVolatility", inputs.longRunVolatility);
  requireRange("historicalLoss", inputs.historicalLoss ?? 0, 0, 1);
  requireRange("riskNeutralLoss", inputs.riskNeutralLoss ?? 0, 0, 1);
  requireRange("idiosyncratic", parameters.idiosyncratic, 0, 1);
  requireAmount("liquidationBonus", parameters.liquidationBonus);
  requireRange("minimumHorizonHours", parameters.minimumHorizonHours, 0, Number.MAX_VALUE, { openLow: true });
}

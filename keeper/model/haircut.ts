import { YEAR_HOURS, YEAR_SECONDS } from "../domain/calendar.ts";
import type { ExposureLimit, HaircutBreakdown } from "../domain/decision.ts";
import { requireAmount, requireRange } from "../domain/errors.ts";
import type { ModelParameters } from "../domain/parameters.ts";
import type { Risk } from "../domain/risk.ts";
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
 * liquidation worsens the account (Warwick, Toxic Liquidation Spirals, 2022). L is the loss over `minimumHorizonHours`, in which
 * somebody notices, acts, waits for the feed and sells. Slippage is paid by the bonus. Rises with s, eps and b.
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

/**
 * The exposure limit E, USD of collateral: of a lender that holds so much, what falls due in a stressed fall sells within the
 * window at the slippage that the bonus pays:
 *
 * E     = q (T_window / T_refill) / share
 * q     = depthShare min(phi D_robust, D_shocked)
 * share = max(largest borrower, liquidatable(L*)) / supply cap
 *
 * Thin depth costs time, not slippage (Warwick & RiskDAO, SmartLTV, 2023): where nothing can be sold, E is 0. L* is the loss
 * of the horizon at `stressVolatility`, of a claim on the debt what is stated of its depeg. Governance's highest limit is a
 * bound on chain.
 * @param volatility `sqrt(used x longRun)` of the asset's own history, for phi
 * @example exposureLimit(calmEth, 0.6, DEFAULT_MODEL).usd // 1_750_600_091
 */
export function exposureLimit(
  { depth, volatility: { longRun }, claim }: Pick<Risk, "depth" | "volatility" | "claim">,
  volatility: number,
  parameters: ModelParameters,
): ExposureLimit {
  const { supplyCapUsd, largestBorrowerUsd, liquidationProfile, depthShare } = parameters;
  const { liquidationWindowHours, refillMinutes } = parameters;
  requireAmount("depthUsd", depth.robustUsd);
  requireAmount("shockedDepthUsd", depth.shockedUsd ?? 0);
  const depthFactor = depthLeft(volatility, longRun, parameters);
  // Two views of the same stress: the smaller counts, and they are not multiplied.
  const stressedUsd = Math.min(depthFactor * depth.robustUsd, depth.shockedUsd ?? Number.POSITIVE_INFINITY);
  const slices = (60 * liquidationWindowHours) / refillMinutes;
  const sellableUsd = stressedUsd === 0 ? 0 : Math.min(MOST_USD, depthShare * stressedUsd * slices);
  const stress = haircut({ volatility: parameters.stressVolatility, oracleDeviation: 0 }, parameters);
  const fall = claim !== undefined && claim.ratio === undefined ? claim.depeg : stress.loss;
  const dueUsd = Math.max(largestBorrowerUsd, liquidatableUsd(fall, liquidationProfile, supplyCapUsd));
  const dueShare = supplyCapUsd === 0 ? 1 : Math.min(1, dueUsd / supplyCapUsd);
  const usd = sellableUsd === 0 ? 0 : Math.min(MOST_USD, sellableUsd / dueShare);
  return { usd, sellableUsd, depthFactor, dueShare, fall };
}

/** More than there is of anything: finite, so that it can be printed and hashed. */
const MOST_USD = 1e15;

/**
 * phi, the share of depth left in stress, in [depthStressFloor, 1]: `min(1, max(floor, (longRun / s)^elasticity))`. Depth
 * shrinks as volatility rises above its long-run level (10 October 2025: exchange depth fell by more than 90 %). An unknown
 * long-run volatility gives the floor. @example depthLeft(0.9, 0.6, DEFAULT_MODEL) // 0.6667
 */
function depthLeft(volatility: number, longRun: number | null, parameters: ModelParameters): number {
  const { depthStressFloor: floor, depthStressElasticity: elasticity } = parameters;
  if (longRun === null) return floor;
  if (volatility === 0) return 1;
  if (longRun === 0) return floor;
  requireRange("depthStressFloor", floor, 0, 1);
  requireAmount("depthStressElasticity", elasticity);
  return Math.min(1, Math.max(floor, (longRun / volatility) ** elasticity));
}

/**
 * USD of collateral that becomes liquidatable when the price falls by `fall` (a fraction in [0, 1]): the governance
 * profile, piecewise linear through (0, 0), and from its last point on to the whole supply cap at a fall of 1. An empty
 * profile is therefore the straight line to the cap: what nobody measured counts as large.
 * @example liquidatableUsd(0.15, [[0.1, 4e6], [0.2, 20e6]], 400e6) // 12000000
 */
export function liquidatableUsd(
  fall: number,
  profile: readonly (readonly [fall: number, usd: number])[],
  supplyCapUsd: number,
): number {
  requireRange("fall", fall, 0, 1);
  let [x0, y0] = [0, 0];
  // By index: the laboratory asks this millions of times, and taking points apart as patterns walks an iterator for each.
  for (let i = 0; i <= profile.length; i++) {
    const point = profile[i];
    const x1 = point === undefined ? 1 : point[0];
    const y1 = point === undefined ? Math.max(supplyCapUsd, y0) : point[1];
    if (fall <= x1) return x1 === x0 ? y1 : y0 + ((fall - x0) / (x1 - x0)) * (y1 - y0);
    x0 = x1;
    y0 = y1;
  }
  return y0;
}

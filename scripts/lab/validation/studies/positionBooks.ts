import type { ModelParameters } from "../../../../keeper/domain/parameters.ts";
import { type HaircutInputs, haircut, maxSlippage } from "../../../../keeper/model/haircut.ts";
import { liquidatableUsd } from "../../../../keeper/model/liquidation.ts";
import { amplification, loopGain, simulatedAmplification } from "../../baselines/cascade.ts";
import { fitSizeWeight, haircutSchedule, type SizeWeight } from "../../baselines/concentration.ts";
import { type Position, profileOf, soldUsd, steepestSales } from "../../baselines/positionBook.ts";
import type { Assumptions } from "../parameters.ts";

/** What a book of positions asks for beside what governance's default shape would give the same market. */
export type PositionStudy = {
  readonly name: string;
  readonly borrowers: number;
  readonly collateralUsd: number;
  readonly debtUsd: number;
  readonly profile: readonly (readonly [fall: number, usd: number])[];
  /** By fall: sold as simulated, by the fitted profile, and by the default shape, as shares of the collateral. */
  readonly falls: readonly (readonly [fall: number, sold: number, fitted: number, assumed: number])[];
  readonly fitted: SizeEffect;
  readonly assumed: SizeEffect;
  /** [size in USD, haircut] of the maintenance side with the fitted profile, and the one number fitted from above. */
  readonly schedule: readonly (readonly [sizeUsd: number, haircut: number])[];
  readonly weight: SizeWeight;
  readonly cascade: CascadeFigures;
};

/** Fixed point of size and loss, with the haircut it leads to. */
type SizeEffect = { readonly sizeUsd: number; readonly loss: number; readonly haircut: number };

type CascadeFigures = {
  /** Fall of the price that starts it: the model's loss over the shortest horizon. */
  readonly shock: number;
  /** Loop gain from there on, by the steepest sales of the book; the amplification that none can exceed. */
  readonly gain: number;
  readonly bound: number;
  /** Amplification by simulation of the book itself, each sale lowering the price for good. */
  readonly simulated: number;
};

/** Volatility at which the study is made: the calm example of MODEL.md. */
const CALM_VOLATILITY = 0.6;
const SHOWN_FALLS = [0.1, 0.2, 0.3, 0.5] as const;
/** The further fall of price that a cascade is started with. */
const STEP = 0.05;

/**
 * A recorded book in a market of its size: depth and volume in the proportions assumed for every other study, the largest
 * borrower its own, the cap its collateral.
 */
export function positionStudy(
  name: string,
  book: readonly Position[],
  model: ModelParameters,
  assumptions: Assumptions,
): PositionStudy {
  const { liquidationBonus } = model;
  const total = (pick: (one: Position) => number) => book.reduce((sum, one) => sum + pick(one), 0);
  const collateralUsd = total((one) => one.collateralUsd);
  const profile = profileOf(book, liquidationBonus);
  const largest = book.reduce((most, one) => Math.max(most, soldUsd([one], 0.999, liquidationBonus)), 0);
  const market = { ...model, supplyCapUsd: collateralUsd, largestBorrowerUsd: largest };
  const fitted = { ...market, liquidationProfile: profile };
  const shape = model.liquidationProfile.map(([fall, usd]) => {
    return [fall, (usd / model.supplyCapUsd) * collateralUsd] as const;
  });
  const assumed = { ...market, liquidationProfile: shape };
  const inputs: HaircutInputs = {
    volatility: CALM_VOLATILITY,
    multiplier: 1,
    depthUsd: assumptions.depthOverCap * collateralUsd,
    depthShare: 1,
    longRunVolatility: CALM_VOLATILITY,
    dailyVolumeUsd: assumptions.volumeOverCap * collateralUsd,
    oracleDeviation: 0,
  };
  const effect = (parameters: ModelParameters): SizeEffect => {
    const found = haircut(inputs, parameters);
    return { sizeUsd: found.sizeUsd, loss: found.loss, haircut: found.haircut };
  };
  const schedule = haircutSchedule(inputs, fitted);
  const share = (fall: number, points: ModelParameters["liquidationProfile"]) =>
    liquidatableUsd(fall, points, collateralUsd) / collateralUsd;
  return {
    name,
    borrowers: book.length,
    collateralUsd,
    debtUsd: total((one) => one.debtUsd),
    profile,
    falls: SHOWN_FALLS.map((fall) => [
      fall,
      soldUsd(book, fall, liquidationBonus) / collateralUsd,
      share(fall, profile),
      share(fall, shape),
    ]),
    fitted: effect(fitted),
    assumed: effect(assumed),
    schedule,
    weight: fitSizeWeight(schedule, 1 - (schedule[0]?.[1] ?? 1)),
    cascade: cascadeFigures(book, fitted, inputs),
  };
}

function cascadeFigures(book: readonly Position[], model: ModelParameters, inputs: HaircutInputs): CascadeFigures {
  const { liquidationBonus, liquidationCost } = model;
  const small = { ...model, largestBorrowerUsd: 0, liquidationProfile: [], supplyCapUsd: 0 };
  const shock = haircut(inputs, small).loss;
  // The depth is what moves the average price by the slippage that the bonus pays, the last unit by twice that.
  const pricePerUsd = (2 * maxSlippage(liquidationBonus, liquidationCost)) / inputs.depthUsd;
  const usdPerPrice = steepestSales(book, liquidationBonus, shock, STEP);
  const gain = loopGain({ pricePerUsd, usdPerPrice, thresholdPerUsd: 0, usdPerThreshold: 0 });
  const before = soldUsd(book, shock, liquidationBonus);
  const sold = (fall: number) => soldUsd(book, fall, liquidationBonus) - before;
  return { shock, gain, bound: amplification(gain), simulated: simulatedAmplification(sold, pricePerUsd, shock, STEP) };
}

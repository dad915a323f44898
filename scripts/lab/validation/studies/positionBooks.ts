import type { ModelParameters } from "../../../../keeper/domain/parameters.ts";
import { haircut, liquidatableUsd, maxSlippage } from "../../../../keeper/model/haircut.ts";
import { amplification, loopGain, simulatedAmplification } from "../../baselines/cascade.ts";
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
  readonly cascade: CascadeFigures;
};

type CascadeFigures = {
  /** Fall of the price that starts it: the model's loss over the horizon. */
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
 * A recorded book in a market of its size: depth in the proportion assumed for every other study, the cap its collateral.
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
  const shape = model.liquidationProfile.map(([fall, usd]) => {
    return [fall, (usd / model.supplyCapUsd) * collateralUsd] as const;
  });
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
    cascade: cascadeFigures(book, model, assumptions.depthOverCap * collateralUsd),
  };
}

function cascadeFigures(book: readonly Position[], model: ModelParameters, depthUsd: number): CascadeFigures {
  const { liquidationBonus, liquidationCost } = model;
  const shock = haircut({ volatility: CALM_VOLATILITY, oracleDeviation: 0 }, model).loss;
  // The depth is what moves the average price by the slippage that the bonus pays, the last unit by twice that.
  const pricePerUsd = (2 * maxSlippage(liquidationBonus, liquidationCost)) / depthUsd;
  const usdPerPrice = steepestSales(book, liquidationBonus, shock, STEP);
  const gain = loopGain({ pricePerUsd, usdPerPrice, thresholdPerUsd: 0, usdPerThreshold: 0 });
  const before = soldUsd(book, shock, liquidationBonus);
  const sold = (fall: number) => soldUsd(book, fall, liquidationBonus) - before;
  return { shock, gain, bound: amplification(gain), simulated: simulatedAmplification(sold, pricePerUsd, shock, STEP) };
}

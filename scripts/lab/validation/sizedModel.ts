import type { ModelParameters } from "../../../keeper/domain/parameters.ts";

/** Parameters for a lender that takes so much collateral, USD: largest borrower and liquidation profile go in proportion. */
export function sizedModel(model: ModelParameters, capUsd: number): ModelParameters {
  const scale = capUsd / model.supplyCapUsd;
  return {
    ...model,
    ...{ supplyCapUsd: capUsd, largestBorrowerUsd: model.largestBorrowerUsd * scale },
    liquidationProfile: model.liquidationProfile.map(([fall, usd]) => [fall, usd * scale] as const),
  };
}

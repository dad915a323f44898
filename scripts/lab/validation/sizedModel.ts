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

/** The model with such changes; a supply cap among them takes the largest borrower and the profile along, unless they are changed too. */
export function changedModel(model: ModelParameters, changes: Partial<ModelParameters>): ModelParameters {
  const { supplyCapUsd } = changes;
  return { ...(supplyCapUsd === undefined ? model : sizedModel(model, supplyCapUsd)), ...changes };
}

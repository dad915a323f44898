import type { ModelNumber } from "../../../keeper/markets/modelRanges.ts";

/** Symbols of MODEL.md for fields of `ModelParameters`. */
export const SYMBOLS: Readonly<Record<string, ModelNumber>> = {
  eta: "depthStressElasticity",
  phi_min: "depthStressFloor",
  w: "impliedWeight",
  kappa: "impliedFloor",
  nu: "degreesOfFreedom",
  alpha: "tailLevel",
  b: "liquidationBonus",
  mpor: "minimumHorizonHours",
};

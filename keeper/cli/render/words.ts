/** Plain words for the short names that assessments carry. An unknown name is shown as it is. */

export const LADDER_WORDS: Readonly<Record<string, string>> = {
  L1: "options surface with realised volatility",
  L2: "volatility index with realised volatility",
  L3: "implied volatility transferred from a listed underlying",
  L4: "realised volatility alone",
  L5: "volatility implied by the pool's fees",
  L6: "governance's static volatility: nothing else is known",
};

const BINDING_WORDS: Readonly<Record<string, string>> = {
  pooled: "the pooled value; no floor binds",
  impliedFloor: "the floor of implied volatility",
  ewmaFloor: "the floor of EWMA volatility",
  longRunFloor: "the floor of long-run volatility",
  static: "governance's static volatility",
  current: "today's inputs",
  blend: "the blend with stressed volatility",
  longRun: "long-run volatility",
  gap: "the least distance between LT and LTV",
  floor: "the minimum horizon",
  slices: "the time to sell slice by slice",
  volume: "the share of daily volume a liquidation may take",
  student: "the Student-t tail",
  historical: "the historical tail",
  unsellable: "a size that cannot be sold within a year",
  riskNeutral: "the risk-neutral tail of the options",
};

/** @example bindingWords("ewmaFloor") // "the floor of EWMA volatility" */
export function bindingWords(binding: string): string {
  return BINDING_WORDS[binding] ?? binding;
}

import type { RecomputeCause } from "../../evidence/recompute.ts";
/** Plain words for the short names that assessments carry. An unknown name is shown as it is. */

export const LADDER_WORDS: Readonly<Record<string, string>> = {
  L1: "options surface with realised volatility",
  L2: "volatility index with realised volatility",
  L3: "implied volatility transferred from a listed underlying",
  L4: "realised volatility alone",
  L6: "governance's static volatility: nothing else is known",
};

const BINDING_WORDS: Readonly<Record<string, string>> = {
  pooled: "the pooled value; no floor binds",
  impliedFloor: "the floor of implied volatility",
  ewmaFloor: "the floor of EWMA volatility",
  longRunFloor: "the floor of long-run volatility",
  static: "governance's static volatility",
  held: "the last good value, held for a limited time",
  now: "the depth now",
  twap24h: "the time-weighted mean of 24 hours",
  quantile7d: "the lowest tenth of 7 days",
  ema1d: "the exponential mean of a day",
  sma28d: "the mean of 28 days",
  ema28d: "the exponential mean of 28 days",
  tma28d: "the triangular mean of 28 days",
  least1h: "the least of the last hour",
  coldStart: "the share counted while there is less than a day of history",
  market: "today's volatility",
  rise: "a price that has risen faster than new loans may count it",
  depeg: "a price below what it is a claim on, by more than the bonus bridges",
  gap: "the least distance between LT and LTV",
  student: "the Student-t tail",
  historical: "the historical tail",
  riskNeutral: "the risk-neutral tail of the options",
};

/** @example bindingWords("ewmaFloor") // "the floor of EWMA volatility" */
export function bindingWords(binding: string): string {
  return BINDING_WORDS[binding] ?? binding;
}

/** Why a recorded decision comes out as it does, as `recompute` says, for people. */
export const CAUSES: Readonly<Record<RecomputeCause, string>> = {
  same: "same",
  version: "another model version",
  parameters: "parameters changed",
  unexplained: "UNEXPLAINED",
};

import type { ModelParameters } from "../domain/parameters.ts";

/** Parameters of the model that are one number, left out or not. */
export type ModelNumber = keyof {
  [Name in keyof ModelParameters as Required<ModelParameters>[Name] extends number ? Name : never]: unknown;
};

type Range = {
  readonly low: number;
  readonly high: number;
  readonly openLow?: true;
  readonly openHigh?: true;
  readonly whole?: true;
  /** The same in words, with the unit. */
  readonly expected: string;
};

const FRACTION: Range = { low: 0, high: 1, expected: "a fraction in [0, 1] (0.05 means 5 %)" };
const FACTOR: Range = { low: 0, high: 10, expected: "a factor in [0, 10]" };
const USD: Range = { low: 0, high: 1e15, expected: "US dollars in [0, 1e15]" };

/**
 * What each number of the model may be: the one list behind `config check`, a keeper's start, and `--set` of the laboratory. Rules
 * between numbers are in `parameterProblems.ts`.
 */
export const MODEL_RANGES: Readonly<Record<ModelNumber, Range>> = {
  liquidationBonus: FRACTION,
  liquidationCost: FRACTION,
  idiosyncratic: FRACTION,
  oracleDeviation: FRACTION,
  depthStressFloor: FRACTION,
  coldStartDepthShare: FRACTION,
  depthShare: FRACTION,
  minimumGap: FRACTION,
  impliedWeight: FRACTION,
  tailLevel: { low: 0.9, high: 1, openHigh: true, expected: "in [0.9, 1)" },
  degreesOfFreedom: { low: 2, high: 1e6, openLow: true, expected: "in (2, 1e6]" },
  // A liquidation that takes longer than a week is no liquidation, and leaves too few windows to judge it by.
  minimumHorizonHours: { low: 24, high: 168, whole: true, expected: "whole hours in [24, 168]" },
  stressVolatility: { low: 1, high: 5, expected: "in [1, 5] (1.5 means 150 % a year)" },
  typicalVolatility: { low: 0.1, high: 5, expected: "in [0.1, 5] (0.8 means 80 % a year), or left out" },
  staticVolatility: { low: 0, high: 10, openLow: true, expected: "in (0, 10] (1.5 means 150 % a year)" },
  impliedFloor: FACTOR,
  ewmaFloor: FACTOR,
  longRunFloor: FACTOR,
  depthStressElasticity: FACTOR,
  liquidationWindowHours: { low: 0, high: 168, openLow: true, expected: "hours in (0, 168]" },
  refillMinutes: { low: 0, high: 525_600, openLow: true, expected: "minutes in (0, 525600]" },
  oracleLatencySeconds: { low: 0, high: 86_400, expected: "seconds in [0, 86400]" },
  largestBorrowerUsd: USD,
  supplyCapUsd: USD,
};

/** Whether a parameter of the model may have this value; NaN never. @example isInRange("tailLevel", 1) // false */
export function isInRange(name: ModelNumber, value: number): boolean {
  const { low, high, openLow, openHigh, whole } = MODEL_RANGES[name];
  const above = openLow === true ? value > low : value >= low;
  const below = openHigh === true ? value < high : value <= high;
  return above && below && (whole !== true || Number.isInteger(value));
}

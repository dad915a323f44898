import type { ModelParameters } from "../domain/parameters.ts";
import type { Risk } from "../domain/risk.ts";
import { target } from "./target.ts";

/** How both haircuts answer to one input. */
export type Sensitivity = {
  readonly input: string;
  readonly value: number;
  readonly unit: string;
  /** Basis points of haircut per rise of the input by 1 % of itself. */
  readonly maintenanceBpsPerPercent: number;
  readonly initialBpsPerPercent: number;
};

/** Relative size of the bump on each side. */
const BUMP = 0.01;

type Point = { readonly risk: Risk; readonly parameters: ModelParameters };
type Input = {
  readonly unit: string;
  readonly read: (point: Point) => number | null;
  readonly write: (point: Point, value: number) => Point;
};

const INPUTS: Readonly<Record<string, Input>> = {
  volatility: ofRisk(
    "fraction a year",
    (r) => r.volatility.used,
    (r, used) => ({ ...r, volatility: { ...r.volatility, used } }),
  ),
  longRunVolatility: ofRisk(
    "fraction a year",
    (r) => r.volatility.longRun,
    (r, longRun) => ({ ...r, volatility: { ...r.volatility, longRun } }),
  ),
  depthUsd: ofRisk(
    "USD",
    (r) => r.depth.robustUsd,
    (r, robustUsd) => ({ ...r, depth: { ...r.depth, robustUsd } }),
  ),
  dailyVolumeUsd: ofRisk(
    "USD a day",
    (r) => r.dailyVolumeUsd,
    (r, dailyVolumeUsd) => ({ ...r, dailyVolumeUsd }),
  ),
  liquidationBonus: ofParameters("fraction", "liquidationBonus"),
  largestBorrowerUsd: ofParameters("USD", "largestBorrowerUsd"),
  minimumHorizonHours: ofParameters("h", "minimumHorizonHours"),
  oracleDeviation: ofParameters("fraction", "oracleDeviation"),
  oracleLatencySeconds: ofParameters("s", "oracleLatencySeconds"),
  degreesOfFreedom: ofParameters("number", "degreesOfFreedom"),
  stressVolatility: ofParameters("fraction a year", "stressVolatility"),
  stressWeight: ofParameters("fraction", "stressWeight"),
};

/**
 * Change of both haircuts per 1 % change of each input, by central difference with a bump of 1 %, in a fixed order.
 * Haircuts step where the number of slices changes and kink where another term takes over the maximum; there the figure
 * is the average over the bump. An input that is unknown or zero is left out.
 * @example sensitivity(calmEth, DEFAULT_MODEL)[0].maintenanceBpsPerPercent // about 6
 */
export function sensitivity(risk: Risk, parameters: ModelParameters): readonly Sensitivity[] {
  const point = { risk, parameters };
  return Object.entries(INPUTS).flatMap(([input, { unit, read, write }]) => {
    const value = read(point);
    if (value === null || value === 0) return [];
    const at = (factor: number) => {
      const bumped = write(point, value * factor);
      return target(bumped.risk, bumped.parameters);
    };
    const [up, down] = [at(1 + BUMP), at(1 - BUMP)];
    const slope = (high: number, low: number) => ((high - low) * 10_000) / (200 * BUMP);
    return {
      input,
      value,
      unit,
      maintenanceBpsPerPercent: slope(up.maintenance, down.maintenance),
      initialBpsPerPercent: slope(up.initial, down.initial),
    };
  });
}

function ofRisk(unit: string, read: (risk: Risk) => number | null, write: (risk: Risk, value: number) => Risk): Input {
  return {
    unit,
    read: ({ risk }) => read(risk),
    write: ({ risk, parameters }, value) => ({ risk: write(risk, value), parameters }),
  };
}

function ofParameters(unit: string, name: NumericParameter): Input {
  return {
    unit,
    read: ({ parameters }) => parameters[name],
    write: ({ risk, parameters }, value) => ({ risk, parameters: { ...parameters, [name]: value } }),
  };
}

type NumericParameter = {
  [K in keyof ModelParameters]: ModelParameters[K] extends number ? K : never;
}[keyof ModelParameters];

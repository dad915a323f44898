import type { ModelParameters } from "../../domain/parameters.ts";
import type { Risk } from "../../domain/risk.ts";
import { target } from "../target.ts";
import { RISK_INPUTS } from "./riskInputs.ts";

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

/**
 * Change of both haircuts per 1 % change of each input (see `RISK_INPUTS`), by central difference with a bump of 1 %, in a
 * fixed order. Haircuts step where the number of slices changes and kink where another term takes over the maximum; there
 * the figure is the average over the bump. An input that is unknown or zero is left out.
 * @example sensitivity(calmEth, DEFAULT_MODEL)[0].maintenanceBpsPerPercent // about 7.8
 */
export function sensitivity(risk: Risk, parameters: ModelParameters): readonly Sensitivity[] {
  const point = { risk, parameters };
  return Object.entries(RISK_INPUTS).flatMap(([input, { unit, read, write }]) => {
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

import { YEAR_HOURS } from "../../../../keeper/domain/calendar.ts";
import type { ModelParameters } from "../../../../keeper/domain/parameters.ts";
import { lossQuantile } from "../../../../keeper/model/calibration.ts";
import { esMultiplier, normalQuantile } from "../../../../keeper/model/numerics/distributions.ts";
import { tailTable } from "../statistics/acerbiSzekely.ts";
import type { TailPromise, Windows } from "./coverage.ts";
import type { Outcome } from "./outcomes.ts";

/** Standard deviations that a forecast sets its VaR and ES at, and the law behind them. */
export type TailLaw = TailPromise & { readonly quantile: number; readonly shortfall: number };

/** The model's law at its own level: unit-variance Student t. */
export function modelLaw(model: ModelParameters): TailLaw {
  const { tailLevel, degreesOfFreedom: nu } = model;
  return law(1 - tailLevel, nu, lossQuantile(model), esMultiplier(tailLevel, nu));
}

/** The Normal law at a level: t with very many degrees of freedom. */
export function normalLaw(level: number): TailLaw {
  return law(1 - level, 1e5, normalQuantile(level), esMultiplier(level, Number.POSITIVE_INFINITY));
}

function law(probability: number, degreesOfFreedom: number, quantile: number, shortfall: number): TailLaw {
  return { probability, quantile, shortfall, tail: tailTable(1 - probability, degreesOfFreedom, shortfall / quantile) };
}

/**
 * Windows of a volatility forecast: VaR and ES as multiples of it over `hours`, against the log loss that followed. Origins
 * without a forecast or an outcome, and those that `keep` refuses, are left out.
 */
export function windowsOf(
  time: Float64Array,
  volatility: Float64Array,
  outcomes: readonly (Outcome | null)[],
  hours: number,
  tail: TailLaw,
  keep: (n: number) => boolean = () => true,
): Windows {
  const chosen: number[] = [];
  for (let n = 0; n < time.length; n++) {
    if (outcomes[n] && !Number.isNaN(volatility[n] ?? Number.NaN) && keep(n)) chosen.push(n);
  }
  const root = Math.sqrt(hours / YEAR_HOURS);
  const column = (value: (n: number) => number) => Float64Array.from(chosen, value);
  return {
    time: column((n) => time[n] ?? 0),
    loss: column((n) => -Math.log1p(-(outcomes[n]?.fall ?? 0))),
    valueAtRisk: column((n) => tail.quantile * (volatility[n] ?? 0) * root),
    shortfall: column((n) => tail.shortfall * (volatility[n] ?? 0) * root),
  };
}

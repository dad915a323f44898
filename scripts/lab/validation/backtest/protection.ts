import { YEAR_HOURS } from "../../../../keeper/domain/calendar.ts";
import { phasesOf } from "./coverage.ts";
import { allowedFall } from "./methods.ts";
import type { Outcome } from "./outcomes.ts";

/** What a rule's maintenance haircut protected from and what it cost. Fractions of the collateral unless named otherwise. */
export type Protection = {
  readonly windows: number;
  /** Windows, of those every hour, in which the price at the end, or at its lowest, was below what the haircut allows for. */
  readonly breaches: number;
  readonly breachRate: number;
  readonly worstBreachRate: number;
  /** Loss beyond the haircut a year, if the account at the threshold were renewed after each window; mean over phases. */
  readonly badDebtPerYear: number;
  /** Largest single loss beyond the haircut, at the end of a window. */
  readonly largest: number;
  /** Mean haircuts: borrowing power given up. Initial is null for rules that know one number. */
  readonly meanMaintenance: number;
  readonly meanInitial: number | null;
  /** Loss beyond the haircut a year when the rule is scaled, with hindsight, to the same mean allowed fall as `reference`. */
  readonly badDebtAtEqualCost: number;
};

/**
 * Scores one rule over windows of `hours`. Only origins with an outcome and with every rule's haircut should be given, so
 * that all rules are judged on the same windows.
 * @param reference mean allowed fall to which the rule is scaled for `badDebtAtEqualCost`
 */
export function protection(
  time: Float64Array,
  maintenance: Float64Array,
  initial: Float64Array,
  outcomes: readonly Outcome[],
  hours: number,
  bonus: number,
  reference: number,
): Protection {
  const allowed = maintenance.map((haircut) => Math.max(0, allowedFall(haircut, bonus)));
  const perYear = YEAR_HOURS / hours;
  const beyond = (scale: number) => {
    return outcomes.map(({ fall }, n) => Math.max(0, fall - Math.min(1, scale * (allowed[n] ?? 0))));
  };
  const losses = beyond(1);
  const mean = meanOf(allowed);
  const scale = mean === 0 ? 1 : reference / mean;
  const size = Math.max(1, outcomes.length);
  const breaches = losses.filter((loss) => loss > 0).length;
  return {
    windows: outcomes.length,
    breaches,
    breachRate: breaches / size,
    worstBreachRate: outcomes.filter(({ worstFall }, n) => worstFall > (allowed[n] ?? 0)).length / size,
    badDebtPerYear: perYear * meanOverPhases(time, losses, hours),
    largest: Math.max(0, ...chunkMaxima(losses)),
    meanMaintenance: meanOf(maintenance),
    meanInitial: initial.some(Number.isNaN) ? null : meanOf(initial),
    badDebtAtEqualCost: perYear * meanOverPhases(time, beyond(scale), hours),
  };
}

/** Mean of the phase means: every window counts, and no hour of the day more than another. */
function meanOverPhases(time: Float64Array, losses: readonly number[], hours: number): number {
  const phases = phasesOf({ time }, hours).filter((members) => members.length > 0);
  const means = phases.map((members) => members.reduce((sum, n) => sum + (losses[n] ?? 0), 0) / members.length);
  return meanOf(means);
}

function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] ?? 0;
  return values.length === 0 ? 0 : sum / values.length;
}

/** `Math.max` takes its arguments from the stack, which long lists overflow. */
function chunkMaxima(values: readonly number[]): number[] {
  const maxima: number[] = [];
  for (let i = 0; i < values.length; i += 1000) maxima.push(Math.max(...values.slice(i, i + 1000)));
  return maxima;
}

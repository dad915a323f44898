import { requireRange } from "../../../../keeper/domain/errors.ts";
import { chiSquareSurvival } from "./chiSquare.ts";

/** A test statistic and the probability of one at least as large when the hypothesis holds. */
export type TestResult = { readonly statistic: number; readonly pValue: number };

/**
 * Proportion-of-failures test: likelihood ratio of `exceptions` in `observations` against a rate of `probability`,
 * chi-square with one degree of freedom. Two-sided: too few exceptions are rejected as well.
 * Source: Kupiec, J. Derivatives 3 (1995).
 * @example kupiec(1043, 57, 0.05) // { statistic: 0.46147, pValue: 0.49694 }
 */
export function kupiec(observations: number, exceptions: number, probability: number): TestResult {
  requireRange("probability", probability, 0, 1, { openLow: true, openHigh: true });
  requireRange("exceptions", exceptions, 0, observations);
  const rate = observations === 0 ? probability : exceptions / observations;
  const statistic =
    2 * (logLikelihood(observations, exceptions, rate) - logLikelihood(observations, exceptions, probability));
  return withPValue(Math.max(0, statistic), 1);
}

/** Log likelihood of `hits` in `trials` at a rate, with 0 ln 0 = 0. */
export function logLikelihood(trials: number, hits: number, rate: number): number {
  return times(hits, rate) + times(trials - hits, 1 - rate);
}

/** The statistic with its chi-square probability. */
export function withPValue(statistic: number, degreesOfFreedom: number): TestResult {
  return { statistic, pValue: chiSquareSurvival(statistic, degreesOfFreedom) };
}

function times(count: number, rate: number): number {
  return count === 0 ? 0 : count * Math.log(rate);
}

import { meanTest } from "./meanTest.ts";

/**
 * Quantile ("tick") loss of one forecast: `(p - 1[loss > forecast]) (forecast - loss)`, with p the probability of an
 * exception taken as `1 - p` on the loss side. Lower is better; least in expectation at the true quantile.
 * Source: Koenker & Bassett, Econometrica 46 (1978); Giacomini & Komunjer (2005).
 * @example tickLoss(0.05, 0.04, 0.01) // 0.0099: an exception costs 99 times what a point too much costs
 */
export function tickLoss(loss: number, forecast: number, probability: number): number {
  return loss > forecast ? (1 - probability) * (loss - forecast) : probability * (forecast - loss);
}

/** Difference of mean losses of two forecasters with a Diebold-Mariano p-value; negative: the first is better. */
type Comparison = { readonly difference: number; readonly pValue: number };

/**
 * Whether one series of losses is smaller than another: mean difference with a Newey-West error of `lag`.
 * Source: Diebold & Mariano, J. Business & Economic Statistics 13 (1995).
 */
export function dieboldMariano(first: ArrayLike<number>, second: ArrayLike<number>, lag: number): Comparison {
  const differences = Float64Array.from({ length: first.length }, (_, i) => (first[i] ?? 0) - (second[i] ?? 0));
  const difference = differences.reduce((sum, value) => sum + value, 0) / Math.max(1, differences.length);
  return { difference, pValue: meanTest(differences, 0, lag).pValue };
}

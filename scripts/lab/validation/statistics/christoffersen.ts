import { kupiec, logLikelihood, type TestResult, withPValue } from "./kupiec.ts";

/** Independence of exceptions, and independence with the right rate at once. */
type ChristoffersenResult = { readonly independence: TestResult; readonly conditionalCoverage: TestResult };

/**
 * Likelihood ratio of a first-order Markov chain of exceptions against independent ones (chi-square, 1), and its sum with
 * Kupiec's (chi-square, 2). Give a series whose outcomes do not overlap. Source: Christoffersen, International Economic
 * Review 39 (1998).
 * @example christoffersen([true, true, false, false, false, false], 0.05).independence.statistic // 1.04
 */
export function christoffersen(exceptions: readonly boolean[], probability: number): ChristoffersenResult {
  // counts[was][is]
  const counts: [[number, number], [number, number]] = [
    [0, 0],
    [0, 0],
  ];
  for (let i = 1; i < exceptions.length; i++) counts[exceptions[i - 1] ? 1 : 0][exceptions[i] ? 1 : 0]++;
  const [[calmCalm, calmHit], [hitCalm, hitHit]] = counts;
  const [afterCalm, afterHit] = [calmCalm + calmHit, hitCalm + hitHit];
  const pairs = afterCalm + afterHit;
  const pooled = pairs === 0 ? 0 : (calmHit + hitHit) / pairs;
  const free =
    logLikelihood(afterCalm, calmHit, afterCalm === 0 ? 0 : calmHit / afterCalm) +
    logLikelihood(afterHit, hitHit, afterHit === 0 ? 0 : hitHit / afterHit);
  const independence = Math.max(0, 2 * (free - logLikelihood(pairs, calmHit + hitHit, pooled)));
  const hits = exceptions.filter(Boolean).length;
  const coverage = kupiec(exceptions.length, hits, probability).statistic;
  return {
    independence: withPValue(independence, 1),
    conditionalCoverage: withPValue(independence + coverage, 2),
  };
}

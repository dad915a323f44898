import { normalCdf } from "../../../../keeper/model/numerics/distributions.ts";
import type { TestResult } from "./kupiec.ts";
import { neweyWest } from "./neweyWest.ts";

/**
 * Two-sided test that the mean is `expected`, by `neweyWest` and the Normal law. p = 1 when the series does not vary and
 * agrees, 0 when it does not vary and differs.
 */
export function meanTest(values: ArrayLike<number>, expected: number, lag: number): TestResult {
  const { mean, standardError } = neweyWest(values, lag);
  if (standardError === 0) return { statistic: 0, pValue: mean === expected ? 1 : 0 };
  const statistic = (mean - expected) / standardError;
  return { statistic, pValue: 2 * normalCdf(-Math.abs(statistic)) };
}

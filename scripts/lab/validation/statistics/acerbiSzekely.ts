import { studentTQuantile } from "../../../../keeper/model/numerics/distributions.ts";
import type { TestResult } from "./kupiec.ts";
import { uniforms } from "./random.ts";

/** One forecast and its outcome, all as log losses (positive = loss). */
type ShortfallPoint = { readonly loss: number; readonly valueAtRisk: number; readonly shortfall: number };

/**
 * Second test of Acerbi and Szekely: `Z2 = 1 - sum(loss * 1[loss > VaR] / ES) / (T (1 - level))`. Expectation 0 when the
 * forecasts hold; negative when tail losses are larger or more frequent than promised: -0.7 is about their 5 % limit
 * for 250 days at 97.5 %. Source: Acerbi & Szekely, Risk (December 2014), "Backtesting Expected Shortfall".
 * @example acerbiSzekelyZ2([{ loss: 4, valueAtRisk: 2, shortfall: 2.5 }], 0.5) // -2.2
 */
function acerbiSzekelyZ2(points: readonly ShortfallPoint[], level: number): number {
  let sum = 0;
  for (const { loss, valueAtRisk, shortfall } of points) if (loss > valueAtRisk) sum += loss / shortfall;
  return 1 - sum / (points.length * (1 - level));
}

/** Losses beyond the quantile of a Student t in units of its shortfall, at the middle of equal shares of the tail. */
export function tailTable(level: number, degreesOfFreedom: number, shortfallOverQuantile: number): Float64Array {
  const unit = studentTQuantile(level, degreesOfFreedom) * shortfallOverQuantile;
  return Float64Array.from({ length: TABLE_SIZE }, (_, i) => {
    return -studentTQuantile(((1 - level) * (i + 0.5)) / TABLE_SIZE, degreesOfFreedom) / unit;
  });
}

/**
 * Z2 with the probability of one as low or lower (one-sided: only too small forecasts are rejected) when the losses
 * beyond the quantile follow `tail` (see `tailTable`): simulated, `draws` times, from a seed.
 */
export function acerbiSzekely(
  points: readonly ShortfallPoint[],
  level: number,
  tail: Float64Array,
  seed: number,
  draws = 2000,
): TestResult {
  const statistic = acerbiSzekelyZ2(points, level);
  const random = uniforms(seed);
  const expected = points.length * (1 - level);
  let lower = 0;
  for (let draw = 0; draw < draws; draw++) {
    let sum = 0;
    for (let hits = binomial(points.length, 1 - level, random); hits > 0; hits--) {
      sum += tail[Math.floor(random() * tail.length)] ?? 0;
    }
    if (1 - sum / expected <= statistic) lower++;
  }
  return { statistic, pValue: (lower + 1) / (draws + 1) };
}

const TABLE_SIZE = 1024;

/** A binomial draw by the gaps between successes (geometric): fast where the probability is small. */
function binomial(trials: number, probability: number, random: () => number): number {
  const scale = Math.log1p(-probability);
  let hits = 0;
  for (let at = Math.floor(Math.log(1 - random()) / scale); at < trials; hits++) {
    at += 1 + Math.floor(Math.log(1 - random()) / scale);
  }
  return hits;
}

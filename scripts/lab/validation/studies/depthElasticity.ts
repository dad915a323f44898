import { DAY_SECONDS } from "../../../../keeper/domain/calendar.ts";
import { linearRegression } from "../../../../keeper/model/numerics/leastSquares.ts";
import type { DepthSample } from "../backtest/bookDepth.ts";
import type { Interval } from "../statistics/blockBootstrap.ts";
import { blockBootstrapOf } from "../statistics/blockBootstrapOf.ts";

/** How depth moved with volatility in one recorded book: `ln D = a + eta ln(longRun / s)`. */
export type ElasticityStudy = {
  readonly book: string;
  /** First and last sample, Unix seconds. */
  readonly from: number;
  readonly to: number;
  readonly samples: number;
  readonly eta: number;
  /** 95 % interval from blocks of seven days. */
  readonly interval: Interval;
  /** Depth over its median of the 28 days before: 1 % and 0.1 % quantile, and the least. */
  readonly onePercent: number;
  readonly onePerMille: number;
  readonly least: number;
};

const WINDOW_SECONDS = 28 * DAY_SECONDS;

/**
 * Elasticity and floor of depth, with volatility as the keeper knew it at each sample (`ratioAt`: longRun / EWMA, NaN unknown).
 * @param samplesPerDay spacing of the book, for the length of the bootstrap's blocks
 */
export function elasticityStudy(
  book: string,
  samples: readonly DepthSample[],
  ratioAt: (time: number) => number,
  samplesPerDay: number,
  seed: number,
): ElasticityStudy | null {
  const known = samples
    .map(({ time, depth }) => ({ x: Math.log(ratioAt(time)), y: Math.log(depth) }))
    .filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y));
  if (known.length < 100) return null;
  const slope = (order: Iterable<number>) => {
    const chosen = [...order].map((n) => known[n] ?? { x: 0, y: 0 });
    const fit = linearRegression(
      chosen.map(({ x }) => [1, x]),
      chosen.map(({ y }) => y),
    );
    return fit?.coefficients[1] ?? Number.NaN;
  };
  const order = Float64Array.from(known.keys());
  const shares = relativeDepth(samples);
  return {
    book,
    from: samples[0]?.time ?? 0,
    to: samples.at(-1)?.time ?? 0,
    samples: known.length,
    eta: slope(order),
    interval: blockBootstrapOf(order, 7 * samplesPerDay, seed, 300, slope),
    onePercent: quantile(shares, 0.01),
    onePerMille: quantile(shares, 0.001),
    least: Math.min(...shares),
  };
}

/** Each sample over the median of those of the 28 days before it (at least 14 of them). */
function relativeDepth(samples: readonly DepthSample[]): number[] {
  const shares: number[] = [];
  let from = 0;
  for (const [n, { time, depth }] of samples.entries()) {
    while ((samples[from]?.time ?? time) < time - WINDOW_SECONDS) from++;
    const before = samples.slice(from, n).map((sample) => sample.depth);
    if (before.length >= 14) shares.push(depth / quantile(before, 0.5));
  }
  return shares;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

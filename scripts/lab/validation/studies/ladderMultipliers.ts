import { phasesOf, type Windows } from "../backtest/coverage.ts";
import type { Interval } from "../statistics/blockBootstrap.ts";
import { blockBootstrapOf } from "../statistics/blockBootstrapOf.ts";

/** The multiplier that would have made a rung keep its promise exactly, beside the one in use. */
export type MultiplierEstimate = {
  readonly rung: string;
  readonly group: string;
  readonly windows: number;
  readonly inUse: number;
  readonly estimate: number;
  /** 95 % interval from blocks of ten windows of one series without overlap. */
  readonly interval: Interval;
};

const BLOCK_WINDOWS = 10;
const DRAWS = 300;

/**
 * A rung's volatility times c/m keeps a promise of p exactly when c/m is the (1 - p)-quantile of loss over forecast VaR. So
 * the multiplier that was needed is the one in use times that quantile, over all windows. The interval comes from the
 * windows of the middle hour of the day.
 */
export function multiplierEstimate(
  rung: string,
  group: string,
  windows: readonly Windows[],
  hours: number,
  inUse: number,
  probability: number,
  seed: number,
): MultiplierEstimate {
  const ratios = (set: Windows, members: Iterable<number>) =>
    Float64Array.from(members, (n) => (set.loss[n] ?? 0) / (set.valueAtRisk[n] ?? 1));
  const needed = (values: ArrayLike<number>) => inUse * upperQuantile(values, probability);
  const all = Float64Array.from(windows.flatMap((set) => [...ratios(set, set.loss.keys())]));
  const apart = Float64Array.from(
    windows.flatMap((set) => [...ratios(set, phasesOf(set, hours)[Math.floor(hours / 2)] ?? [])]),
  );
  return {
    rung,
    group,
    windows: all.length,
    inUse,
    estimate: needed(all),
    interval: blockBootstrapOf(apart, BLOCK_WINDOWS, seed, DRAWS, needed),
  };
}

function upperQuantile(values: ArrayLike<number>, probability: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.ceil((1 - probability) * sorted.length) - 1)] ?? Number.NaN;
}

import { correlation } from "../validation/sampleStatistics.ts";
import type { Interval } from "../validation/statistics/blockBootstrap.ts";
import { blockBootstrapOf } from "../validation/statistics/blockBootstrapOf.ts";

/** Neighbouring days that a bootstrap keeps together, its draws and its seed. */
const [BLOCK_DAYS, DRAWS, SEED] = [14, 1_000, 1];
/** Of the recorded few largest days, how many are among the modelled many. */
const [FEW, MANY] = [5, 10];

/** How well a series ranks the days of another. */
export type Agreement = {
  readonly days: number;
  /** Spearman's rank correlation; NaN where one side does not move. */
  readonly rank: number;
  /** Its 95 % interval from blocks of two weeks. */
  readonly interval: Interval;
  /** How many of the five largest recorded days are among the ten largest of the other. */
  readonly sharedTop: number;
};

/** @param recorded, modelled one value a day */
export function agreementOf(recorded: Float64Array, modelled: Float64Array): Agreement {
  return {
    ...{ days: recorded.length, rank: rankCorrelation(recorded, modelled) },
    interval: resampled(recorded.length, (days) => rankCorrelation(pick(recorded, days), pick(modelled, days))),
    sharedTop: sharedTop(recorded, modelled),
  };
}

/** 95 % interval of how much better the first ranks the recorded days than the second, both seen on the same days. */
export function advantage(recorded: Float64Array, first: Float64Array, second: Float64Array): Interval {
  return resampled(recorded.length, (days) => {
    const own = pick(recorded, days);
    return rankCorrelation(own, pick(first, days)) - rankCorrelation(own, pick(second, days));
  });
}

/**
 * Spearman's rank correlation, in [-1, 1]; equal values share the mean of their ranks; NaN where one side does not move.
 * @example rankCorrelation([1, 2, 3, 4], [1, 3, 2, 40]) // 0.8
 */
export function rankCorrelation(first: ArrayLike<number>, second: ArrayLike<number>): number {
  const [x, y] = [ranks(first), ranks(second)];
  return correlation(Array.from(x, (rank, i) => [rank, y[i] as number])) ?? Number.NaN;
}

function ranks(values: ArrayLike<number>): Float64Array {
  const order = Array.from(values, (_, i) => i).sort((a, b) => (values[a] as number) - (values[b] as number));
  const found = new Float64Array(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to + 1 < order.length && values[order[to + 1] as number] === values[order[from] as number]) to += 1;
    for (let at = from; at <= to; at += 1) found[order[at] as number] = (from + to) / 2;
    from = to + 1;
  }
  return found;
}

/** Indices of the largest values, largest first; of equal ones the earlier. */
function largest(values: Float64Array, count: number): readonly number[] {
  const order = Array.from(values, (_, i) => i).sort((a, b) => (values[b] as number) - (values[a] as number) || a - b);
  return order.slice(0, count);
}

function sharedTop(recorded: Float64Array, modelled: Float64Array): number {
  const many = new Set(largest(modelled, MANY));
  return largest(recorded, FEW).filter((day) => many.has(day)).length;
}

function resampled(days: number, statistic: (days: Float64Array) => number): Interval {
  const all = Float64Array.from({ length: days }, (_, day) => day);
  return blockBootstrapOf(all, BLOCK_DAYS, SEED, DRAWS, statistic);
}

function pick(values: Float64Array, days: Float64Array): Float64Array {
  return days.map((day) => values[day] as number);
}

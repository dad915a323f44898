import { HOUR_SECONDS } from "../../../../keeper/domain/calendar.ts";
import { upperMedian } from "../../../../keeper/domain/numbers.ts";
import { acerbiSzekely } from "../statistics/acerbiSzekely.ts";
import { blockBootstrap, type Interval } from "../statistics/blockBootstrap.ts";
import { christoffersen } from "../statistics/christoffersen.ts";
import { dynamicQuantile } from "../statistics/dynamicQuantile.ts";
import { kupiec } from "../statistics/kupiec.ts";
import { meanTest } from "../statistics/meanTest.ts";
import { tickLoss } from "../statistics/tickLoss.ts";
import { trafficLight } from "../statistics/trafficLight.ts";

/** Forecasts and outcomes of one rule, one entry per window; windows start every hour and so overlap. Log losses. */
export type Windows = {
  /** Start of each window, Unix seconds, ascending. */
  readonly time: Float64Array;
  readonly loss: Float64Array;
  readonly valueAtRisk: Float64Array;
  readonly shortfall: Float64Array;
};

/** A p-value over the series that do not overlap: their median, and the share that rejects at 5 %. */
type OverPhases = { readonly medianP: number; readonly rejected: number };

/** How often losses exceeded the forecast, and whether that is compatible with the promise. */
export type Coverage = {
  readonly windows: number;
  readonly exceptions: number;
  readonly rate: number;
  readonly promised: number;
  /** 95 % interval of the rate from blocks of ten days; p-value of the promise with a Newey-West error, NaN without exceptions. */
  readonly interval: Interval;
  readonly overlapP: number;
  /** Series of windows that do not overlap (one per hour of the day), and windows in each. */
  readonly phases: number;
  readonly perPhase: number;
  readonly kupiec: OverPhases;
  readonly independence: OverPhases;
  readonly conditional: OverPhases;
  /** Null where no series could be regressed (no exception, or a constant forecast). */
  readonly dynamicQuantile: OverPhases | null;
  /** Median of Z2; negative: tail losses are larger than promised. */
  readonly acerbiSzekely: OverPhases & { readonly z2: number };
  /** Shares of blocks of 250 windows in each zone; zeros when no series has that many. */
  readonly zones: { readonly green: number; readonly yellow: number; readonly red: number };
  /** Mean quantile loss, log points: lower is better. */
  readonly tickLoss: number;
};

/** What a forecast promises: the probability of an exception, and the law beyond it (`tailTable`) for Acerbi-Szekely. */
export type TailPromise = {
  /** Probability of an exception, e.g. 0.01. */
  readonly probability: number;
  readonly tail: Float64Array;
};

const BLOCK_HOURS = 240;
const YEAR_OF_WINDOWS = 250;
const LEVEL_5 = 0.05;

/**
 * All exceedance tests on one set of windows. Outcomes over h hours taken every hour overlap: rates use all of them, with an
 * error that allows for it; the tests use the h series that start at one hour each and do not overlap.
 * @param hours length of a window
 */
export function coverage(windows: Windows, hours: number, promise: TailPromise, seed: number): Coverage {
  const { probability } = promise;
  const size = windows.time.length;
  const hits = Float64Array.from(windows.loss, (loss, n) => (loss > (windows.valueAtRisk[n] ?? 0) ? 1 : 0));
  const exceptions = hits.reduce((sum, hit) => sum + hit, 0);
  let ticks = 0;
  for (let n = 0; n < size; n++) ticks += tickLoss(windows.loss[n] ?? 0, windows.valueAtRisk[n] ?? 0, probability);
  const series = phasesOf(windows, hours).filter((phase) => phase.length > 0);
  const tests = series.map((members, phase) => testPhase(members, windows, hits, promise, seed + phase));
  const over = (pick: (test: PhaseTests) => number): OverPhases => overPhases(tests.map(pick));
  const dq = tests.map((test) => test.dynamicQuantile).filter((p) => p !== null);
  return {
    windows: size,
    exceptions,
    rate: size === 0 ? 0 : exceptions / size,
    promised: probability,
    interval: blockBootstrap(hits, neighbours(windows, BLOCK_HOURS), seed),
    overlapP: exceptions === 0 ? Number.NaN : meanTest(hits, probability, neighbours(windows, 2 * hours)).pValue,
    phases: series.length,
    perPhase: middle(series.map((phase) => phase.length)),
    kupiec: over((test) => test.kupiec),
    independence: over((test) => test.independence),
    conditional: over((test) => test.conditional),
    dynamicQuantile: dq.length === 0 ? null : overPhases(dq),
    acerbiSzekely: { ...over((test) => test.acerbiSzekely), z2: middle(tests.map((test) => test.z2)) },
    zones: zonesOf(series, hits, probability),
    tickLoss: ticks / Math.max(1, size),
  };
}

/** Windows that start within so many hours of one another: the number of hours when one starts every hour; at most a quarter of all. */
function neighbours({ time }: Windows, hours: number): number {
  const steps = Array.from(time.subarray(1), (at, n) => at - (time[n] ?? 0));
  const spacing = upperMedian(steps) ?? HOUR_SECONDS;
  return Math.max(1, Math.min(Math.round((hours * HOUR_SECONDS) / spacing), time.length >> 2));
}

/** Windows grouped so that within a group none overlaps another: those that start at the same hour modulo their length. */
export function phasesOf(windows: Pick<Windows, "time">, hours: number): readonly (readonly number[])[] {
  const phases: number[][] = Array.from({ length: hours }, () => []);
  for (let n = 0; n < windows.time.length; n++)
    phases[Math.floor((windows.time[n] ?? 0) / HOUR_SECONDS) % hours]?.push(n);
  return phases;
}

type PhaseTests = {
  readonly kupiec: number;
  readonly independence: number;
  readonly conditional: number;
  readonly dynamicQuantile: number | null;
  readonly acerbiSzekely: number;
  readonly z2: number;
};

function testPhase(
  members: readonly number[],
  windows: Windows,
  hits: Float64Array,
  promise: TailPromise,
  seed: number,
): PhaseTests {
  const { probability, tail } = promise;
  const flags = members.map((n) => hits[n] === 1);
  const points = members.map((n) => ({
    loss: windows.loss[n] ?? 0,
    valueAtRisk: windows.valueAtRisk[n] ?? 0,
    shortfall: windows.shortfall[n] ?? 1,
  }));
  const count = flags.filter(Boolean).length;
  const markov = christoffersen(flags, probability);
  const forecasts = points.map((point) => point.valueAtRisk);
  const z2 = acerbiSzekely(points, 1 - probability, tail, seed, 400);
  return {
    kupiec: kupiec(flags.length, count, probability).pValue,
    independence: markov.independence.pValue,
    conditional: markov.conditionalCoverage.pValue,
    dynamicQuantile: count === 0 ? null : (dynamicQuantile(flags, forecasts, probability)?.pValue ?? null),
    acerbiSzekely: z2.pValue,
    z2: z2.statistic,
  };
}

function zonesOf(series: readonly (readonly number[])[], hits: Float64Array, probability: number): Coverage["zones"] {
  const counts = { green: 0, yellow: 0, red: 0 };
  let blocks = 0;
  for (const members of series) {
    for (let start = 0; start + YEAR_OF_WINDOWS <= members.length; start += YEAR_OF_WINDOWS) {
      const hit = members.slice(start, start + YEAR_OF_WINDOWS).filter((n) => hits[n] === 1).length;
      counts[trafficLight(YEAR_OF_WINDOWS, hit, probability).zone]++;
      blocks++;
    }
  }
  const share = (count: number) => (blocks === 0 ? 0 : count / blocks);
  return { green: share(counts.green), yellow: share(counts.yellow), red: share(counts.red) };
}

function overPhases(pValues: readonly number[]): OverPhases {
  const rejected = pValues.filter((p) => p < LEVEL_5).length;
  return {
    medianP: middle(pValues),
    rejected: pValues.length === 0 ? 0 : rejected / pValues.length,
  };
}

function middle(values: readonly number[]): number {
  return upperMedian(values) ?? Number.NaN;
}

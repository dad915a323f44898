import { DAY_SECONDS, HOUR_SECONDS } from "../../domain/calendar.ts";
import { TonsorError } from "../../domain/errors.ts";

/** Depth after the manipulation-resistant minimum, USD, and what set it. */
type RobustDepth = {
  readonly robustUsd: number;
  /** "now" | "twap24h" | "quantile7d" | "ema1d" | "sma28d" | "ema28d" | "tma28d" | "least1h" | "coldStart" */
  readonly binding: string;
  /** Hours from the oldest sample to now. */
  readonly historyHours: number;
};

const QUANTILE = 0.1;

/** Weight up to an age, as an integral from age 0; `span` is the age of the oldest sample used. */
const flat = (age: number): number => age;
const exponential = (decay: number) => (age: number) => -Math.expm1(-age / decay);
const triangular = (age: number, span: number): number =>
  2 * age <= span ? (age * age) / 2 : (span * span) / 4 - (span - age) ** 2 / 2;

/** The terms of the minimum beside the depth now; null while there is nothing in their window. */
const TERMS: Readonly<Record<string, (history: Timeline) => number | null>> = {
  twap24h: (history) => history.mean(DAY_SECONDS, flat),
  quantile7d: (history) => history.quantile(7 * DAY_SECONDS, QUANTILE),
  ema1d: (history) => history.mean(28 * DAY_SECONDS, exponential(DAY_SECONDS)),
  sma28d: (history) => history.mean(28 * DAY_SECONDS, flat),
  ema28d: (history) => history.mean(28 * DAY_SECONDS, exponential(28 * DAY_SECONDS)),
  tma28d: (history) => history.mean(28 * DAY_SECONDS, triangular),
  least1h: (history) => history.quantile(HOUR_SECONDS, 0),
};

/**
 * Depth that cannot be raised for a moment, USD: the least of the depth now and of the last hour, its time-weighted
 * average over 24 h, the 10 % quantile over 7 days, the exponential average of 1 day, and the simple, exponential and triangular averages over
 * 28 days. With less than 24 h of history, the share `coldStartShare` of the depth now as well.
 *
 * All are weighted by time, whatever the spacing of the samples, and the time between two samples counts at the lower
 * of the two: depth seen in one sample only counts for no time at all. Depth that left counts as gone until it has stood
 * for an hour, so that who takes it away for a moment cannot also bring it back. Samples later than `now` are not read.
 *
 * @param history [Unix seconds, USD >= 0], any order
 * @param now Unix seconds
 * @param nowUsd depth now, USD >= 0
 * @param coldStartShare fraction in [0, 1]
 * @example robustDepth([[0, 100]], 86_400, 1_000, 0.5) // { robustUsd: 100, binding: "twap24h", historyHours: 24 }
 */
export function robustDepth(
  history: readonly (readonly [time: number, usd: number])[],
  now: number,
  nowUsd: number,
  coldStartShare: number,
): RobustDepth {
  check("nowUsd", nowUsd, nowUsd >= 0 && Number.isFinite(nowUsd), "a finite amount in US dollars >= 0");
  check("coldStartShare", coldStartShare, coldStartShare >= 0 && coldStartShare <= 1, "a fraction in [0, 1]");
  const past = history.filter((sample) => sample[0] <= now);
  const wrong = past.find((sample) => !(sample[1] >= 0 && Number.isFinite(sample[1])));
  if (wrong !== undefined) check("history", wrong[1], false, "finite amounts in USD >= 0");

  const line = timeline(past, now, nowUsd);
  const historyHours = line.span / HOUR_SECONDS;
  let robustUsd = nowUsd;
  let binding = "now";
  const consider = (name: string, usd: number | null): void => {
    if (usd === null || usd >= robustUsd) return;
    robustUsd = usd;
    binding = name;
  };
  for (const [name, term] of Object.entries(TERMS)) consider(name, term(line));
  if (historyHours < 24) consider("coldStart", nowUsd * coldStartShare);
  return { robustUsd, binding, historyHours };
}

function check(field: string, given: number, holds: boolean, expected: string): void {
  if (!holds) throw new TonsorError("OUT_OF_RANGE", `${field} is out of range`, { field, given, expected });
}

/** A value over past time, held at the lower of its two ends between samples. Ages are seconds before now. */
export type Timeline = {
  /** Age of the oldest sample, seconds; 0 without samples. */
  readonly span: number;
  /** Mean over the last `window` seconds; null when nothing lies in it. */
  mean(window: number, weightUpTo: (age: number, span: number) => number): number | null;
  /** Least value that holds, or is undercut, for the share `q` of the last `window` seconds; null when none. */
  quantile(window: number, q: number): number | null;
};

/**
 * Timeline of samples up to now.
 * @param samples [Unix seconds at or before now, value], any order
 */
export function timeline(
  samples: readonly (readonly [time: number, value: number])[],
  now: number,
  valueNow: number,
): Timeline {
  // Stretches of constant value, youngest first: number i ends at the age ends[i] and begins where the one before ends.
  const ends = new Float64Array(samples.length);
  const values = new Float64Array(samples.length);
  let younger = valueNow;
  const youngestFirst = samples.toSorted((a, b) => b[0] - a[0]);
  for (let i = 0; i < youngestFirst.length; i++) {
    const sample = youngestFirst[i] as readonly [number, number];
    ends[i] = now - sample[0];
    values[i] = Math.min(sample[1], younger);
    younger = sample[1];
  }
  const span = ends.at(-1) ?? 0;
  const begin = (i: number): number => (i === 0 ? 0 : (ends[i - 1] as number));
  const length = (i: number, window: number): number => Math.min(ends[i] as number, window) - begin(i);
  /** How many stretches begin within the last `window` seconds. */
  const count = (window: number): number => {
    const beyond = ends.findIndex((end) => end >= window);
    return beyond < 0 ? ends.length : beyond + 1;
  };

  return {
    span,
    mean(window, weightUpTo) {
      const within = window > 0 ? count(window) : 0;
      // Measured from the least value, so that a constant comes out as itself, to the bit.
      let least = Number.POSITIVE_INFINITY;
      for (let i = 0; i < within; i++) if (length(i, window) > 0) least = Math.min(least, values[i] as number);
      const covered = Math.min(window, span);
      let [weight, excess, before] = [0, 0, weightUpTo(0, covered)];
      for (let i = 0; i < within; i++) {
        if (!(length(i, window) > 0)) continue;
        const after = weightUpTo(Math.min(ends[i] as number, window), covered);
        weight += after - before;
        excess += (after - before) * ((values[i] as number) - least);
        before = after;
      }
      return weight > 0 ? least + excess / weight : null;
    },
    quantile(window, q) {
      const within = window > 0 ? count(window) : 0;
      const rising = Uint32Array.from({ length: within }, (_, i) => i).sort(
        (a, b) => (values[a] as number) - (values[b] as number),
      );
      let left = 0;
      for (const i of rising) left += length(i, window);
      left *= q;
      for (const i of rising) {
        if (!(length(i, window) > 0)) continue;
        left -= length(i, window);
        if (left <= 0) return values[i] as number;
      }
      return null;
    },
  };
}

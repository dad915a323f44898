import { DAY_SECONDS, HOUR_SECONDS } from "../../domain/calendar.ts";
import { requireAmount, requireRange } from "../../domain/errors.ts";
import { type Timeline, timeline } from "./timeline.ts";

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
 * average over 24 h, the 10 % quantile over 7 days, the exponential average of 1 day, and the simple, exponential and
 * triangular averages over 28 days. With less than 24 h of history, the share `coldStartShare` of the depth now as well.
 * All are weighted by time, and the time between two samples counts at the lower of the two: depth seen in one sample only counts
 * for no time, and depth that left counts again once it has been back for an hour. Samples later than `now` are not read.
 * @param history [Unix seconds, USD >= 0], any order  @param coldStartShare fraction in [0, 1]
 * @example robustDepth([[0, 100]], 86_400, 1_000, 0.5) // { robustUsd: 100, binding: "twap24h", historyHours: 24 }
 */
export function robustDepth(
  history: readonly (readonly [time: number, usd: number])[],
  now: number,
  nowUsd: number,
  coldStartShare: number,
): RobustDepth {
  requireAmount("nowUsd", nowUsd);
  requireRange("coldStartShare", coldStartShare, 0, 1);
  const past = history.filter((sample) => sample[0] <= now);
  const wrong = past.find((sample) => !(sample[1] >= 0 && Number.isFinite(sample[1])));
  if (wrong !== undefined) requireAmount("history", wrong[1]);

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

import { DAY_SECONDS, YEAR_HOURS } from "../../domain/calendar.ts";
import { requireAmount, requireRange } from "../../domain/errors.ts";
import { type Shocks, WORST_BELOW } from "./pricePast.ts";

/** Expected shortfall from history, rescaled to current volatility. */
type HistoricalTail = Worst & {
  /** L_FHS: loss over the horizon, a fraction in [0, 1). */
  readonly loss: number;
};

type Scores = Pick<Shocks, "scores" | "step" | "before">;

type Worst = {
  /** The tail in standard deviations: what the Student multiple k is to be compared with. In [0, MOST_MULTIPLE]. */
  readonly multiple: number;
  /** Days behind it, rounded down: returns known over how many end in a day. */
  readonly observations: number;
};

/** One bad print must not mean total loss: no liquid asset has shown a daily tail mean beyond this many deviations. */
const MOST_MULTIPLE = 8;
/** Days wanted in the tail: 500 days of history at 99 %. */
const LEAST_TAIL_DAYS = 5;

/**
 * Filtered historical simulation: each return of 24 hours is divided by the EWMA volatility known at its start, and the
 * mean of the worst `1 - level` share of these is multiplied with current volatility over the horizon (square root of
 * time). So the shape of the tail is the asset's own, and its scale is today's. Returns end at every hour and overlap: of
 * days cut at one hour only, the worst five in 500 change with the hour. Null when fewer than five days would
 * lie in the tail (500 days at 99 %): too little history says nothing, and the parametric tail is used.
 * Source: Barone-Adesi, Giannopoulos & Vosper, J. Futures Markets 19 (1999).
 * @param volatility current, annualised  @param horizonHours > 0  @param level e.g. 0.99
 * @example historicalTail(shocksOfThreeYears, 0.6, 24, 0.99)?.multiple // about 3
 */
export function historicalTail(
  shocks: Scores,
  volatility: number,
  horizonHours: number,
  level: number,
): HistoricalTail | null {
  const worst = worstAt(shocks, level);
  return worst === null ? null : { ...worst, loss: lossOf(worst.multiple, volatility, horizonHours) };
}

const worstKnown = new WeakMap<Scores, Map<number, Worst | null>>();

/** The part of `historicalTail` that knows nothing of today, worked out once for each level. */
export function worstOf(shocks: Scores, level: number): Worst | null {
  const known = worstKnown.get(shocks) ?? new Map<number, Worst | null>();
  worstKnown.set(shocks, known);
  if (!known.has(level)) known.set(level, worstAt(shocks, level));
  return known.get(level) ?? null;
}

function worstAt({ scores, step, before }: Scores, level: number): Worst | null {
  requireRange("tailLevel", level, 0.5, 1, { openLow: true, openHigh: true });
  const { shocks: known, worst } = before ?? { shocks: 0, worst: [] };
  const tail = new WorstScores(level, known + scores.length, DAY_SECONDS / step);
  for (const score of worst) tail.add(score);
  // Of the others no more is known than that they were milder: as they would count, were they the mildest that are not told apart.
  for (let i = worst.length; i < known; i++) tail.add(WORST_BELOW);
  for (let i = 0; i < scores.length; i++) tail.add(scores[i] as number);
  const multiple = tail.multiple();
  return multiple === null ? null : { multiple, observations: Math.floor(tail.days) };
}

/** Loss, a fraction, of so many standard deviations at an annualised volatility over a horizon. */
export function lossOf(multiple: number, volatility: number, horizonHours: number): number {
  requireAmount("volatility", volatility);
  requireRange("horizonHours", horizonHours, 0, 1e6, { openLow: true });
  return -Math.expm1(-multiple * volatility * Math.sqrt(horizonHours / YEAR_HOURS));
}

/** The multiple of the tail over scores that come one after another, at a cost that does not grow with them. */
export class WorstScores {
  readonly #share: number;
  readonly #perDay: number;
  readonly #worst: Float64Array;
  #kept = 0;
  #known = 0;

  /** @param most scores that will be added at most  @param perDay how many end in a day */
  constructor(level: number, most: number, perDay: number) {
    // Rounded to remove the error of 1 - level, which would ask for one observation more: 1 - 0.99 = 0.010000000000000009.
    this.#share = Number((1 - level).toPrecision(12));
    this.#perDay = perDay;
    this.#worst = new Float64Array(Math.ceil(most * this.#share) + 1);
  }

  /** Days that the scores are worth. */
  get days(): number {
    return this.#known / this.#perDay;
  }

  /** Adds a score; NaN is none. */
  add(score: number): void {
    if (Number.isNaN(score)) return;
    this.#known++;
    const worst = this.#worst;
    if (this.#kept === worst.length && score >= (worst[this.#kept - 1] as number)) return;
    if (this.#kept < worst.length) this.#kept++;
    let at = this.#kept - 1;
    for (; at > 0 && (worst[at - 1] as number) > score; at--) worst[at] = worst[at - 1] as number;
    worst[at] = score;
  }

  /** Mean of the worst share, as a loss in standard deviations; a part of a score counts as that part. Null: too few days. */
  multiple(): number | null {
    if (this.days * this.#share < LEAST_TAIL_DAYS) return null;
    const count = this.#known * this.#share;
    let [sum, left] = [0, count];
    for (let i = 0; left > 0; i++) {
      const weight = Math.min(1, left);
      sum += weight * (this.#worst[i] as number);
      left -= weight;
    }
    return Math.min(MOST_MULTIPLE, Math.max(0, -sum / count));
  }
}

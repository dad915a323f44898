import { DAY_SECONDS } from "../../../../keeper/domain/calendar.ts";
import { type DailyBar, meanOfLast } from "../../../../keeper/model/history/dailyBars.ts";
import { MOST_MULTIPLE } from "../../../../keeper/model/history/historyVolatility.ts";
import { DAILY_DECAY, ewmaVariance, SEED_DAYS } from "../../../../keeper/model/history/varianceForecasts.ts";

/** Tail observations wanted, as in `historicalTail`. */
const LEAST_TAIL_OBSERVATIONS = 5;

/** The multiple of `historicalTail` day after day, at a cost that does not grow with the days. */
export class ExpandingTail {
  readonly #share: number;
  /** The worst scores so far, ascending: as many as the tail can ever hold. */
  readonly #worst: number[] = [];
  #scores = 0;
  #variance: number | null;
  #day = 0;
  #yesterday: DailyBar | null = null;

  readonly #room: number;

  /**
   * @param firstVariances the first days of the series, of which the first seven seed the average
   * @param mostDays days that will be given at most: how many of the worst scores have to be kept
   */
  constructor(level: number, firstVariances: readonly (number | null)[], mostDays: number) {
    this.#share = Number((1 - level).toPrecision(12));
    this.#room = Math.ceil(mostDays * this.#share) + 1;
    this.#variance = meanOfLast(firstVariances.slice(0, SEED_DAYS), SEED_DAYS, SEED_DAYS);
  }

  /** Takes the newest day; the tail multiple, or null while there are too few returns. */
  next(day: DailyBar | null, today: number | null): number | null {
    const yesterday = this.#yesterday;
    if (this.#day >= SEED_DAYS && this.#variance !== null && day && yesterday && today !== null) {
      const whole = day.coveredSeconds === DAY_SECONDS && yesterday.coveredSeconds === DAY_SECONDS;
      if (whole) this.#add(Math.log(day.close / yesterday.close) / Math.sqrt(this.#variance));
    }
    if (today !== null)
      this.#variance = this.#variance === null ? today : ewmaVariance(this.#variance, today, DAILY_DECAY);
    this.#yesterday = day;
    this.#day++;
    const count = this.#scores * this.#share;
    return count < LEAST_TAIL_OBSERVATIONS ? null : Math.min(MOST_MULTIPLE, Math.max(0, -this.#mean(count)));
  }

  #add(score: number): void {
    this.#scores++;
    const at = this.#worst.findIndex((value) => value > score);
    if (at >= 0) this.#worst.splice(at, 0, score);
    else this.#worst.push(score);
    if (this.#worst.length > this.#room) this.#worst.length = this.#room;
  }

  #mean(count: number): number {
    let [sum, left] = [0, count];
    for (const value of this.#worst) {
      const weight = Math.min(1, left);
      sum += weight * value;
      left -= weight;
      if (left <= 0) break;
    }
    return sum / count;
  }
}

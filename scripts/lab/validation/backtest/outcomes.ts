import { HOUR_SECONDS } from "../../../../keeper/domain/calendar.ts";
import { sameRun } from "../../replay/withheld.ts";
import type { PriceSeries } from "./priceSeries.ts";

/** What happened to the price over a window that starts at a candle's close; falls are fractions of the price then. */
export type Outcome = {
  /** Fall to the close at the end of the window; negative after a rise. */
  readonly fall: number;
  /** Fall to the lowest price inside the window. */
  readonly worstFall: number;
};

/** A window may end on a candle that closed up to this long before its end (a halt), never later. */
const LATEST_GAP_SECONDS = 2 * HOUR_SECONDS;

/** Looks up what came after each candle. The only place of the harness that reads the future. */
export class Outcomes {
  readonly #series: PriceSeries;
  readonly #at = new Map<number, number>();

  constructor(series: PriceSeries) {
    this.#series = series;
    for (let i = 0; i < series.closeTimes.length; i++) this.#at.set(series.closeTimes[i] ?? 0, i);
  }

  /**
   * What happened in the `hours` after candle `from` closed; null when the window runs past the data, into a withheld span
   * or into a halt of more than two hours at its end.
   */
  after(from: number, hours: number): Outcome | null {
    const { closeTimes, closes, lows, stepSeconds, withheld } = this.#series;
    const start = closeTimes[from] ?? 0;
    const end = start + hours * HOUR_SECONDS;
    if (end > (closeTimes.at(-1) ?? 0) || !sameRun(withheld, start, end)) return null;
    let last = this.#at.get(end);
    for (let back = stepSeconds; last === undefined && back <= LATEST_GAP_SECONDS; back += stepSeconds) {
      last = this.#at.get(end - back);
    }
    if (last === undefined || last <= from) return null;
    const price = closes[from] ?? 0;
    let lowest = Number.POSITIVE_INFINITY;
    for (let i = from + 1; i <= last; i++) lowest = Math.min(lowest, lows[i] ?? lowest);
    return { fall: 1 - (closes[last] ?? 0) / price, worstFall: 1 - lowest / price };
  }
}

import { HOUR_SECONDS } from "../../../keeper/domain/calendar.ts";

/** [Unix seconds at which the value was published, annualised fraction]; ascending in time. */
export type IndexClose = readonly [time: number, vol: number];

/** A close further from the board than this says nothing about it. */
const NEAR_SECONDS = 6 * HOUR_SECONDS;

/** The value of the close nearest to `time`, or null beyond 6 h. */
export function nearestClose(closes: readonly IndexClose[], time: number): number | null {
  let best: IndexClose | null = null;
  for (const close of closes) {
    if (best === null || Math.abs(close[0] - time) < Math.abs(best[0] - time)) best = close;
  }
  return best !== null && Math.abs(best[0] - time) <= NEAR_SECONDS ? best[1] : null;
}

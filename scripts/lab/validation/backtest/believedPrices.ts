import { DAY_SECONDS } from "../../../../keeper/domain/calendar.ts";
import type { PriceRiseParameters } from "../../../../keeper/domain/parameters.ts";
import { mayHaveBecome, PRICE_MEMORY_SECONDS } from "../../../../keeper/model/history/believedPrice.ts";
import type { PriceSeries } from "./priceSeries.ts";

/**
 * `believedPrice` at the close of every candle, USD, NaN before the second: the same numbers as the live function
 * (differential test), in one pass. Which close binds is found by a queue of the least of `ln price - growth x time`.
 */
export function believedPrices(series: PriceSeries, { atOnce, perDay }: PriceRiseParameters): Float64Array {
  const { closes, closeTimes } = series;
  const believed = new Float64Array(closes.length).fill(Number.NaN);
  const start = closeTimes[0] ?? 0;
  const growth = Math.log1p(perDay) / DAY_SECONDS;
  const stood = (j: number) => Math.max(closes[j] ?? 0, closes[j - 1] ?? 0);
  const detrended = closes.map((_, j) => Math.log(stood(j)) - growth * ((closeTimes[j] ?? 0) - start));
  // Candles by number, from `head` on with rising detrended price: the head binds.
  const queue: number[] = [];
  let head = 0;
  for (let i = 1; i < closes.length; i++) {
    const value = detrended[i] ?? 0;
    while (queue.length > head && (detrended[queue.at(-1) ?? 0] ?? 0) >= value) queue.pop();
    queue.push(i);
    const now = closeTimes[i] ?? 0;
    // A close counts by the one before it, which is the one that is forgotten.
    while (now - (closeTimes[(queue[head] ?? 0) - 1] ?? 0) > PRICE_MEMORY_SECONDS && head < queue.length - 1) head += 1;
    const j = queue[head] ?? i;
    believed[i] = mayHaveBecome(stood(j), closeTimes[j] ?? 0, now, atOnce, perDay);
  }
  return believed;
}

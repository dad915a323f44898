import { existsSync } from "node:fs";
import { join } from "node:path";
import { DAY_SECONDS, HOUR_SECONDS } from "../../../../keeper/domain/calendar.ts";
import { csvNumbers } from "../../replay/csvNumbers.ts";

/** Closes of a volatility index: times at which they were known, ascending, and annualised fractions. */
export type IndexSeries = { readonly times: Float64Array; readonly values: Float64Array };

/** Recorded DVOL of one currency: hourly closes where they exist, daily ones elsewhere. Empty when nothing is recorded. */
export function loadIndex(folder: string, currency: string): IndexSeries {
  const known = new Map<number, number>();
  const daily = join(folder, `dvol/deribit_dvol_${currency}_1d.csv`);
  const hourly = join(folder, `dvol/deribit_dvol_${currency}_1h.csv.gz`);
  // A daily close is known when the day is over.
  if (existsSync(daily))
    for (const [day = 0, close = 0] of csvNumbers(daily, "day,close")) known.set(day + DAY_SECONDS, close / 100);
  if (existsSync(hourly)) {
    for (const [time = 0, , , , close = 0] of csvNumbers(hourly, "t,open,high,low,close"))
      known.set(time + HOUR_SECONDS, close / 100);
  }
  const times = Float64Array.from(known.keys()).sort();
  return { times, values: times.map((time) => known.get(time) ?? Number.NaN) };
}

/**
 * The newest close known at `now`, or NaN when it is older than a day. The live keeper trusts an index for two hours only;
 * where just the daily close was recorded, this grants it up to 24, so L2 is validated on data older than it would use.
 */
export function indexAt(series: IndexSeries, now: number): number {
  let [low, high] = [0, series.times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((series.times[middle] ?? 0) <= now) low = middle + 1;
    else high = middle;
  }
  const time = series.times[low - 1];
  return time === undefined || now - time > DAY_SECONDS ? Number.NaN : (series.values[low - 1] ?? Number.NaN);
}

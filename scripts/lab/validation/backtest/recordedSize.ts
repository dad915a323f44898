import { DAY_SECONDS, HOUR_SECONDS } from "../../../../keeper/domain/calendar.ts";
import { median } from "../../../../keeper/domain/numbers.ts";
import type { ModelParameters } from "../../../../keeper/domain/parameters.ts";
import { robustDepth } from "../../../../keeper/model/depth/robustDepth.ts";
import { type DepthSample, reserveOfBids } from "./bookDepth.ts";
import type { PriceSeries } from "./priceSeries.ts";

/** Depth and daily volume over time as they were recorded, USD in a market whose cap is the model's. */
type RecordedSize = {
  depthUsdAt(time: number): number;
  dailyVolumeUsdAt(time: number): number;
  /** First and last sample of the recorded book, Unix seconds; null: none was recorded. */
  readonly book: { readonly from: number; readonly to: number } | null;
};

/** Proportions in an ordinary market: depth and daily volume over the cap. */
type Proportions = { readonly depthOverCap: number; readonly volumeOverCap: number };

const [MONTH_DAYS, YEAR_DAYS, MEMORY_SECONDS] = [30, 365, 28 * DAY_SECONDS];
/** A day counts with so much of it recorded, a book while its last sample is no older. */
const [LEAST_DAY_SECONDS, FRESH_SECONDS] = [20 * HOUR_SECONDS, 8 * HOUR_SECONDS];

/**
 * A lender's cap grows with its market: it is taken to be a daily volume of the last 365 recorded days (their median) over
 * `volumeOverCap`, and everything is given in units of it. Volume is the median of the last 30 recorded days. Depth is that of the
 * recorded book at the slippage that the bonus pays (`reserveOfBids`), after the live model's manipulation-resistant
 * minimum; where no book was recorded it follows volume, in the proportions assumed. Nothing later than the time asked for is
 * read; days that were not recorded, withheld ones among them, are not counted.
 * @param series candles with volume in their own coin  @param book bids of the same coin, oldest first
 */
export function recordedSize(
  series: PriceSeries,
  book: readonly DepthSample[] | null,
  { supplyCapUsd, liquidationBonus, coldStartDepthShare }: ModelParameters,
  { depthOverCap, volumeOverCap }: Proportions,
): RecordedSize {
  const days = volumeDays(series);
  const usual = volumeOverCap * supplyCapUsd;
  const dayBefore = (time: number) => days[lastAtOrBefore(days, time)];
  const dailyVolumeUsdAt = (time: number) => {
    const day = dayBefore(time);
    return day === undefined ? usual : (usual * day.monthUsd) / day.yearUsd;
  };
  const depthAt = (time: number): number => {
    const [last, day] = [book === null ? -1 : lastAtOrBefore(book, time), dayBefore(time)];
    const sample = book?.[last];
    if (book === null || sample === undefined || day === undefined || time - sample.time > FRESH_SECONDS) {
      return (depthOverCap / volumeOverCap) * dailyVolumeUsdAt(time);
    }
    const first = lastAtOrBefore(book, time - MEMORY_SECONDS) + 1;
    const depth = (bids: number) => (reserveOfBids(bids) * liquidationBonus * usual) / day.yearUsd;
    const history = book.slice(first, last + 1).map((one) => [one.time, depth(one.depth)] as const);
    return robustDepth(history, time, depth(sample.depth), coldStartDepthShare).robustUsd;
  };
  // Several walks ask for the same hours.
  const known = new Map<number, number>();
  return {
    dailyVolumeUsdAt,
    depthUsdAt(time) {
      const depth = known.get(time) ?? depthAt(time);
      known.set(time, depth);
      return depth;
    },
    book: book?.[0] === undefined ? null : { from: book[0].time, to: book.at(-1)?.time ?? 0 },
  };
}

type VolumeDay = { readonly time: number; readonly monthUsd: number; readonly yearUsd: number };

/** Medians over the last 30 and 365 recorded UTC days, at the end of each. */
function volumeDays({ candles, stepSeconds }: PriceSeries): readonly VolumeDay[] {
  const sums = new Map<number, { usd: number; seconds: number }>();
  for (const [time, , , , close, volume] of candles) {
    const day = Math.floor(time / DAY_SECONDS);
    const sum = sums.get(day) ?? { usd: 0, seconds: 0 };
    sums.set(day, { usd: sum.usd + close * volume, seconds: sum.seconds + stepSeconds });
  }
  const full = [...sums].filter(([, { usd, seconds }]) => usd > 0 && seconds >= LEAST_DAY_SECONDS);
  const volumes = full.map(([, { usd }]) => usd);
  return full.map(([day], i) => ({
    time: (day + 1) * DAY_SECONDS,
    monthUsd: median(volumes.slice(Math.max(0, i + 1 - MONTH_DAYS), i + 1)),
    yearUsd: median(volumes.slice(Math.max(0, i + 1 - YEAR_DAYS), i + 1)),
  }));
}

/** Index of the last entry at or before a time, -1 for none; entries rise. */
function lastAtOrBefore(entries: readonly { readonly time: number }[], time: number): number {
  let [low, high] = [0, entries.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((entries[middle]?.time ?? 0) <= time) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

import type { Candle, PriceHistory } from "../../../../keeper/domain/observation.ts";
import type { Spans } from "../../replay/withheld.ts";

/** Candles of one asset in columns, oldest first, one step apart except for holes. */
export type PriceSeries = {
  readonly name: string;
  readonly stepSeconds: number;
  readonly candles: readonly Candle[];
  /** Close time of each candle, Unix seconds. */
  readonly closeTimes: Float64Array;
  readonly closes: Float64Array;
  readonly lows: Float64Array;
  /** What its folder withholds: no window reaches into it. */
  readonly withheld: Spans;
};

/** A series of candles that are in order. */
export function priceSeries(
  name: string,
  stepSeconds: number,
  candles: readonly Candle[],
  withheld: Spans = [],
): PriceSeries {
  return {
    ...{ name, stepSeconds, candles, withheld },
    closeTimes: Float64Array.from(candles, ([time]) => time + stepSeconds),
    closes: Float64Array.from(candles, (candle) => candle[4]),
    lows: Float64Array.from(candles, (candle) => candle[3]),
  };
}

/** What the live model would be given when candle `last` has just closed: nothing later, and nothing before candle `first`. */
export function historyUntil(series: PriceSeries, last: number, first = 0): PriceHistory {
  return {
    kind: "priceHistory",
    source: `recorded:${series.name}`,
    instrument: series.name,
    intervalSeconds: series.stepSeconds,
    eventTime: series.closeTimes[last] ?? 0,
    candles: series.candles.slice(first, last + 1),
  };
}

/** The part of a series whose candles open in [from, to). */
export function between(series: PriceSeries, from: number, to: number): PriceSeries {
  const inside = series.candles.filter(([time]) => time >= from && time < to);
  return priceSeries(series.name, series.stepSeconds, inside, series.withheld);
}

/**
 * Price of one collateral in units of another: only hours that both have. Open and close are exact ratios; high and low
 * are those of open and close, for when within the hour each price stood where is not known. Volume is the first one's
 * and in its own coin, so that it is worth `volume * price` in units of the second.
 */
export function ratioSeries(first: PriceSeries, second: PriceSeries): PriceSeries {
  const other = new Map(second.candles.map((candle) => [candle[0], candle]));
  const candles: Candle[] = [];
  for (const [time, open, , , close, volume] of first.candles) {
    const against = other.get(time);
    if (against === undefined) continue;
    const [from, to] = [open / against[1], close / against[4]];
    candles.push([time, from, Math.max(from, to), Math.min(from, to), to, volume]);
  }
  return priceSeries(`${first.name}/${second.name}`, first.stepSeconds, candles, first.withheld);
}

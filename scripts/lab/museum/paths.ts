import { DAY_SECONDS, HOUR_SECONDS } from "../../../keeper/domain/calendar.ts";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import type { Candle } from "../../../keeper/domain/observation.ts";
import { type PriceSeries, priceSeries } from "../validation/backtest/priceSeries.ts";
import type { Anchor, Incident } from "./incident.ts";
import type { Recordings } from "./recordings.ts";

/** What the live keeper reads of a venue's history (`HISTORY_DAYS` of keeper/sources). */
const HISTORY_DAYS = 550;
/** An exchange's halt of at most so long holds the last price, as in `segmentsOf`. */
const LONGEST_HALT_SECONDS = 2 * DAY_SECONDS;

/** Prices of an incident. */
export type Paths = {
  /** Ends of the steps, Unix seconds: the first one step after `from`, the last at `to`. */
  readonly times: Float64Array;
  /** Price of the market, USD. */
  readonly market: Float64Array;
  /** What its oracle said instead, USD; NaN where its feed followed the market. */
  readonly said: Float64Array;
  /** Hours that the keeper's venue showed, in units of the debt: 550 days before the window, and the window. */
  readonly keeper: PriceSeries;
};

/**
 * The prices of an incident: recorded closes held until the next, times anchors and divided by `per`, which move in straight
 * lines, stay before the first and after the last.
 * @throws TonsorError BAD_FILE when a recording is missing or has a hole in the window
 */
export function pathsOf(incident: Incident, recordings: Recordings): Paths {
  const { price, history, from, to, stepMinutes, debtUsd, name } = incident;
  const base = price.recorded === undefined ? null : recordings.series(price.recorded, "price.recorded");
  const factors = [price.anchors, price.per].map((list) => list ?? []);
  const factor = (at: number) => lineAt(factors[0] ?? [], at) / lineAt(factors[1] ?? [], at);
  const closeAt = base === null ? () => 1 : heldCloses(base, name);
  const step = stepMinutes * 60;
  const times = Float64Array.from({ length: (to - from) / step }, (_, i) => from + (i + 1) * step);
  const inDebt = times.map((time) => closeAt(time) * factor(time));
  const said = saidOf(incident, times, inDebt);
  const shown = said.map((value, i) => (Number.isNaN(value) ? (inDebt[i] as number) : value));
  const before = history === undefined ? null : recordings.series(history.recorded, "history.recorded");
  const past = before === null || history?.inverted !== true ? before : inverted(before);
  const keeper = keeperHours(
    incident,
    past === null ? null : hourly(past, incident),
    base === null ? null : hourly(base, incident),
    factor,
    {
      times,
      shown: incident.keeperReads === "lender" ? shown : inDebt,
    },
  );
  return {
    times,
    market: inDebt.map((value) => value * debtUsd),
    said: said.map((value) => value * debtUsd),
    keeper,
  };
}

/** What the lender's oracle said at each step, in units of the debt; NaN: nothing of its own. */
function saidOf({ lenderSays }: Incident, times: Float64Array, market: Float64Array): Float64Array {
  return times.map((time, i) => {
    const last = lenderSays.findLast(({ at }) => at <= time);
    if (last === undefined || "market" in last) return Number.NaN;
    return "price" in last ? last.price : last.factor * (market[i] as number);
  });
}

/** Value at a time of a path in straight lines; 1 without anchors. */
function lineAt(anchors: readonly Anchor[], at: number): number {
  const next = anchors.findIndex((one) => one.at > at);
  const last = anchors[(next < 0 ? anchors.length : next) - 1];
  const after = next < 0 ? undefined : anchors[next];
  if (last === undefined) return after?.price ?? 1;
  if (after === undefined) return last.price;
  return last.price + ((after.price - last.price) * (at - last.at)) / (after.at - last.at);
}

/** The last close at or before a time. @throws TonsorError BAD_FILE when it is older than a halt may last */
function heldCloses({ closeTimes, closes }: PriceSeries, name: string): (at: number) => number {
  let index = -1;
  return (at) => {
    if (index >= 0 && (closeTimes[index] as number) > at) index = -1;
    while (index + 1 < closeTimes.length && (closeTimes[index + 1] as number) <= at) index += 1;
    const value = closes[index];
    if (value !== undefined && at - (closeTimes[index] as number) <= LONGEST_HALT_SECONDS) return value;
    const given = new Date(at * 1_000).toISOString();
    throw new TonsorError("BAD_FILE", `the recording of ${name} has no price`, {
      ...{ field: "time", given, expected: "a close within the two days before" },
    });
  };
}

/** First hour that the keeper reads of. */
function historyStart({ from }: Incident): number {
  return Math.ceil((from - HISTORY_DAYS * DAY_SECONDS) / HOUR_SECONDS) * HOUR_SECONDS;
}

/** One candle an hour of finer or equal ones; an hour of which a part is missing is made of what there is. */
function hourly(series: PriceSeries, incident: Incident): ReadonlyMap<number, Candle> {
  const hours = new Map<number, Candle>();
  const start = historyStart(incident);
  for (const [time, open, high, low, close, volume] of series.candles) {
    if (time < start || time >= incident.to) continue;
    const hour = Math.floor(time / HOUR_SECONDS) * HOUR_SECONDS;
    const known = hours.get(hour);
    hours.set(
      hour,
      known === undefined
        ? [hour, open, high, low, close, volume]
        : [hour, known[1], Math.max(known[2], high), Math.min(known[3], low), close, known[5] + volume],
    );
  }
  return hours;
}

function inverted(series: PriceSeries): PriceSeries {
  const candles = series.candles.map(([time, open, high, low, close, volume]): Candle => {
    return [time, 1 / open, 1 / low, 1 / high, 1 / close, volume * close];
  });
  return priceSeries(series.name, series.stepSeconds, candles);
}

/** Hours that the keeper saw: of its history where that has them, else of the path; none where neither does. */
function keeperHours(
  incident: Incident,
  past: ReadonlyMap<number, Candle> | null,
  base: ReadonlyMap<number, Candle> | null,
  factor: (at: number) => number,
  steps: { readonly times: Float64Array; readonly shown: Float64Array },
): PriceSeries {
  const { name, from, to, keeperReads, price } = incident;
  const candles: Candle[] = [];
  const anchored = [price.anchors, price.per].flatMap((list) => list ?? []).map(({ at }) => at);
  const first = Math.min(...anchored);
  for (let hour = historyStart(incident); hour < to; hour += HOUR_SECONDS) {
    const inside = hour >= from;
    const known = inside && anchored.length > 0 ? undefined : past?.get(hour);
    if (inside && keeperReads === "lender") candles.push(candleOf(hour, steps));
    else if (known !== undefined) candles.push(known);
    else if (base !== null) {
      const candle = base.get(hour);
      if (candle !== undefined) candles.push(scaled(candle, factor(hour), factor(hour + HOUR_SECONDS)));
    } else if (inside) candles.push(candleOf(hour, steps));
    else if (hour >= first) candles.push(scaled([hour, 1, 1, 1, 1, 0], factor(hour), factor(hour + HOUR_SECONDS)));
  }
  return priceSeries(name, HOUR_SECONDS, candles);
}

/** A candle in another unit, whose factor is known at both its ends. */
function scaled([time, open, high, low, close, volume]: Candle, start: number, end: number): Candle {
  const [most, least] = [Math.max(start, end), Math.min(start, end)];
  const [from, to] = [open * start, close * end];
  return [time, from, Math.max(from, to, high * least), Math.min(from, to, low * most), to, volume];
}

function candleOf(
  hour: number,
  { times, shown }: { readonly times: Float64Array; readonly shown: Float64Array },
): Candle {
  const inside = shown.filter((_, i) => (times[i] as number) > hour && (times[i] as number) <= hour + HOUR_SECONDS);
  const before = times.findLastIndex((time) => time <= hour);
  const open = shown[Math.max(0, before)] as number;
  const close = inside.at(-1) ?? open;
  return [hour, open, Math.max(open, ...inside), Math.min(open, ...inside), close, 0];
}

import { DAY_SECONDS, HOUR_SECONDS } from "../../../keeper/domain/calendar.ts";
import type { Candle } from "../../../keeper/domain/observation.ts";
import type { IndexBar } from "./replaySource.ts";

/** Rows of one page of the volatility index, and candles of one answer, as the API limits them. */
const INDEX_PAGE = 1_000;
const CANDLE_PAGE = 5_000;

/** The result of `public/get_tradingview_chart_data`: parallel lists; of too many candles the newest are given. */
export function candlesAnswer(candles: readonly Candle[]): Record<string, unknown> {
  const page = candles.slice(-CANDLE_PAGE);
  const column = (at: 1 | 2 | 3 | 4 | 5) => page.map((candle) => candle[at]);
  return {
    volume: column(5),
    ticks: page.map((candle) => candle[0] * 1000),
    status: page.length === 0 ? "no_data" : "ok",
    open: column(1),
    low: column(3),
    high: column(2),
    // Volume in the quote currency: the recordings keep base units only, so the close prices it.
    cost: page.map((candle) => Number((candle[4] * candle[5]).toFixed(2))),
    close: column(4),
  };
}

/** The result of `public/get_volatility_index_data`: the newest page, and where the next older one ends. */
export function indexAnswer(bars: readonly IndexBar[]): Record<string, unknown> {
  const page = bars.slice(-INDEX_PAGE);
  const before = bars[bars.length - page.length - 1];
  return {
    data: page.map((bar) => [bar.time * 1000, bar.open, bar.high, bar.low, bar.close]),
    continuation: before === undefined ? null : before.time * 1000,
  };
}

/**
 * The bars at the length asked for. A recorded day is known by its close alone, so as hours it is the one hour it
 * closed with, 23:00 to 24:00; nothing is filled in between. Hours become a day only when all 24 are there.
 */
export function atLength(bars: readonly IndexBar[], length: number): readonly IndexBar[] {
  if (length === HOUR_SECONDS) {
    return bars.map((bar) => {
      if (bar.length === HOUR_SECONDS) return bar;
      const { close } = bar;
      return {
        time: bar.time + bar.length - HOUR_SECONDS,
        length: HOUR_SECONDS,
        open: close,
        high: close,
        low: close,
        close,
      };
    });
  }
  const days = new Map<number, IndexBar[]>();
  for (const bar of bars) {
    const day = Math.floor(bar.time / DAY_SECONDS) * DAY_SECONDS;
    days.set(day, [...(days.get(day) ?? []), bar]);
  }
  return [...days].flatMap(([time, parts]) => {
    const [first] = parts;
    const last = parts.at(-1);
    if (first === undefined || last === undefined || parts.reduce((sum, bar) => sum + bar.length, 0) !== DAY_SECONDS)
      return [];
    const high = Math.max(...parts.map((bar) => bar.high));
    const low = Math.min(...parts.map((bar) => bar.low));
    return [{ time, length: DAY_SECONDS, open: first.open, high, low, close: last.close }];
  });
}

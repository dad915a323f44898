import { HOUR_SECONDS } from "../../../keeper/domain/calendar.ts";
import type { Candle } from "../../../keeper/domain/observation.ts";
import { type PriceSeries, priceSeries } from "../validation/backtest/priceSeries.ts";
import { Table } from "./table.ts";

/** One column of a table over time. */
export type Series = {
  /** Unix seconds, rising. */
  readonly times: Float64Array;
  /** USD of a price or a depth, above 0; what is read from a file lies in 1e-12 to 1e12. */
  readonly values: Float64Array;
  /** Seconds from one row to the next where all are equally long; else null. */
  readonly stepSeconds: number | null;
};

const TIMES = ["t", "time", "timestamp", "datetime", "date"];
/** Names under which a price or a depth is searched, in this order. */
const PRICE_COLUMNS = ["close", "price", "price_usd"];
const DEPTH_COLUMNS = ["depth_usd", "bids_usd"];
const CANDLE = ["open", "high", "low", "close"] as const;

/** Beyond these nothing is a price or a depth in USD, and a sum over it loses everything beside it. */
const [LEAST_USD, MOST_USD] = [1e-12, 1e12];
const MOST_TOKENS = 1e18;
const USD_RANGE = "a number from 1e-12 to 1e12";

/**
 * Most that a price moves within an hour, and in any longer time. Recorded were 10.6-fold (UST, 2022) and 7.5-fold (LUNA) within
 * an hour, 25-fold in one bar (LUNA 2.0), and 22,594-fold in a day (LUNA); beyond, a cell is wrong.
 */
const [MOST_IN_AN_HOUR, MOST_EVER] = [100, 1e6];

const isUsd = (value: number) => value >= LEAST_USD && value <= MOST_USD;

/**
 * Depth over time, USD: a csv file with a header, a time (`t`, `time`, `timestamp`, `datetime` or `date`: Unix seconds or ISO
 * 8601) and `depth_usd` or `bids_usd`; other columns are not read. Plain or gzip; `-` reads standard input.
 * @throws TonsorError BAD_FILE naming file, row, column, value and what was expected
 */
export function readDepthFile(path: string): Series {
  const table = Table.read(path);
  const [timeName, valueName] = [table.column(...TIMES), table.column(...DEPTH_COLUMNS)];
  const times = rising(table, timeName);
  const step = (times[1] as number) - (times[0] as number);
  const isEven = times.every((time, i) => i === 0 || time - (times[i - 1] as number) === step);
  const values = table.numbers(valueName, `a depth in USD, ${USD_RANGE}`, isUsd);
  return { times, values, stepSeconds: isEven ? step : null };
}

/**
 * Prices of one collateral as candles: a csv file as `readDepthFile` reads, with `close`, `price` or `price_usd` in USD. With
 * `open`, `high`, `low` and `close` the time is where the bar begins, as exchanges give it; without, when the price was seen.
 * `volume` (in tokens) is read when it is there.
 * @param name of the series
 * @param gaps whether rows may be missing; else every row must follow the one before by the step most rows have
 * @throws TonsorError BAD_FILE naming file, row, column, value and what was expected: a missing column, a cell that is no
 * number from 1e-12 to 1e12, a time that does not rise, a hole, a bar whose low is above its close, a price a hundred times
 * that of an hour before or a million times any before it, or as many times less
 */
export function readPriceFile(path: string, name: string, gaps: boolean): PriceSeries {
  const table = Table.read(path);
  const [timeName, closeName] = [table.column(...TIMES), table.column(...PRICE_COLUMNS)];
  const times = rising(table, timeName);
  const step = evenStep(table, timeName, times, gaps);
  const price = (column: string) => table.numbers(column, `a price in USD, ${USD_RANGE}`, isUsd);
  const closes = price(closeName);
  const volumes = table.has("volume")
    ? table.numbers(
        "volume",
        "a volume in tokens, a number from 0 to 1e18",
        (value) => value >= 0 && value <= MOST_TOKENS,
      )
    : new Float64Array(table.length);
  const isBar = CANDLE.every((column) => table.has(column));
  const [opens, highs, lows] = isBar ? [price("open"), price("high"), price("low")] : [closes, closes, closes];
  /** Refuses a price that none beside it can be true with. */
  const requireNear = (row: number, column: string, price: number, beside: number, seconds: number, what: string) => {
    const most = seconds <= HOUR_SECONDS ? MOST_IN_AN_HOUR : MOST_EVER;
    if (price <= beside * most && price * most >= beside) return;
    table.refuse(row, column, `within a factor of ${most} of ${what} (${beside})`);
  };
  const candles = Array.from(times, (time, i): Candle => {
    const [open = 0, high = 0, low = 0, close = 0] = [opens[i], highs[i], lows[i], closes[i]];
    if (i > 0)
      requireNear(i, closeName, close, closes[i - 1] as number, time - (times[i - 1] as number), "the row before");
    requireNear(i, "low", low, close, step, "the close");
    requireNear(i, "high", high, close, step, "the close");
    if (low > Math.min(open, close)) table.refuse(i, "low", `at most open and close (${Math.min(open, close)})`);
    if (high < Math.max(open, close)) table.refuse(i, "high", `at least open and close (${Math.max(open, close)})`);
    return [isBar ? time : time - step, open, high, low, close, volumes[i] ?? 0];
  });
  return priceSeries(name, step, candles);
}

function rising(table: Table, name: string): Float64Array {
  const times = table.times(name);
  if (times.length < 2) table.refuse(0, name, "two rows or more, this is the only one");
  for (let row = 1; row < times.length; row += 1) {
    const before = times[row - 1] as number;
    if (!((times[row] as number) > before)) table.refuse(row, name, `a time later than that of the row before`);
  }
  return times;
}

/** The step that most rows have: the lower median. */
function evenStep(table: Table, name: string, times: Float64Array, gaps: boolean): number {
  const steps = times.subarray(1).map((time, i) => time - (times[i] as number));
  const step = steps.toSorted()[(steps.length - 1) >> 1] as number;
  for (const [row, found] of steps.entries()) {
    if (found === step) continue;
    if (found % step !== 0) table.refuse(row + 1, name, `${step} s after the row before, as most rows are`);
    if (!gaps) table.refuse(row + 1, name, `${step} s after the row before, without a hole (--gaps allows holes)`);
  }
  return step;
}

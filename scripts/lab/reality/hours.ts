import { DAY_SECONDS, HOUR_SECONDS } from "../../../keeper/domain/calendar.ts";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import { ASSETS } from "../validation/backtest/assets.ts";
import { loadSeries } from "../validation/backtest/loadSeries.ts";

/** Hours in which an exchange was halted, over which the last price holds; a longer hole ends the path. */
const LONGEST_HALT_HOURS = 48;

/** Hours of one asset from a midnight on, without a hole; USD. */
export type HourPath = {
  readonly asset: string;
  /** Unix seconds at which the first hour begins. */
  readonly from: number;
  readonly lows: Float64Array;
  readonly highs: Float64Array;
  readonly closes: Float64Array;
};

/**
 * Recorded hours of an asset in [from, to), whole days only; they end early at the first hole longer than two days.
 * @param from, to midnights, Unix seconds
 * @throws TonsorError BAD_FILE when the file is missing or has no whole day from `from` on
 */
export function hoursOf(folder: string, asset: string, from: number, to: number): HourPath {
  const { file, stepSeconds } = ASSETS.find(({ name }) => name === asset) as (typeof ASSETS)[0];
  const { candles } = loadSeries(folder, asset, file, stepSeconds);
  const [lows, highs, closes]: [number[], number[], number[]] = [[], [], []];
  for (const [time, , high, low, close] of candles) {
    if (time < from || time >= to) continue;
    const hour = (time - from) / HOUR_SECONDS;
    const last = closes.at(-1);
    if (last === undefined ? hour > 0 : hour - closes.length > LONGEST_HALT_HOURS) break;
    while (closes.length < hour) for (const column of [lows, highs, closes]) column.push(last as number);
    lows.push(low);
    highs.push(high);
    closes.push(close);
  }
  const hours = closes.length - (closes.length % 24);
  if (hours === 0) {
    const given = new Date(from * 1_000).toISOString();
    const facts = { field: `${asset} from`, given, expected: "an hour at that time and a whole day after it" };
    throw new TonsorError("BAD_FILE", `${file} does not reach so far`, facts);
  }
  const column = (values: number[]) => Float64Array.from(values.slice(0, hours));
  return { asset, from, lows: column(lows), highs: column(highs), closes: column(closes) };
}

/** The first days of a path: what is known at the end of them. */
export function firstDays(path: HourPath, days: number): HourPath {
  const cut = (values: Float64Array) => values.subarray(0, days * 24);
  return { ...path, lows: cut(path.lows), highs: cut(path.highs), closes: cut(path.closes) };
}

/** The largest fall within each day, from a price at which an earlier hour of it (or the day before) closed; fractions. */
export function dayFalls({ lows, closes }: HourPath): Float64Array {
  return Float64Array.from({ length: closes.length / 24 }, (_, day) => {
    let [highest, fall] = [0, 0];
    for (let hour = day * 24; hour < day * 24 + 24; hour += 1) {
      highest = Math.max(highest, closes[Math.max(0, hour - 1)] as number);
      fall = Math.max(fall, 1 - (lows[hour] as number) / highest);
    }
    return fall;
  });
}

/** Days since 1970 of a time. */
export function dayOf(time: number): number {
  return Math.floor(time / DAY_SECONDS);
}

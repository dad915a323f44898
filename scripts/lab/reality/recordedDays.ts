import { TonsorError } from "../../../keeper/domain/errors.ts";
import { Table } from "../files/table.ts";
import { present } from "../validation/backtest/loadSeries.ts";
import { rankCorrelation } from "./agreement.ts";
import { dayOf } from "./hours.ts";

/** One value for each of several days that follow each other. */
export type Days = {
  /** Days since 1970 of the first. */
  readonly first: number;
  readonly usd: Float64Array;
};

/** What a file of single liquidations holds. */
export type RecordedLiquidations = {
  readonly days: Days;
  readonly count: number;
  readonly smallestUsd: number;
  /** Days without any. */
  readonly emptyDays: number;
  /**
   * The highest rank correlation that anything can be expected to have with these days, as far as they tell themselves: how
   * well one half of the liquidations (by the last bit of the transaction's hash) ranks the days of the other, r, stepped up
   * to all of them (Spearman-Brown, 2r / (1 + r)), and its root.
   */
  readonly ceiling: number;
};

const AAVE = "liquidations/aave_v3_top1000_liquidations_2023-02_2024-05.csv.gz";
const BUCKETS_A_DAY = 6;

/** Single liquidations (columns t, tx, amount_usd) by UTC day, empty days included. @throws TonsorError BAD_FILE */
export function aaveLiquidations(folder: string): RecordedLiquidations {
  const { times, usd, table } = columns(present(folder, AAVE), "amount_usd");
  const hashes = table.cells(table.column("tx"));
  const at = Array.from(times, dayOf);
  const first = at.reduce((least, day) => Math.min(least, day), Number.POSITIVE_INFINITY);
  const length = at.reduce((most, day) => Math.max(most, day), 0) - first + 1;
  const [days, odd, even] = [new Float64Array(length), new Float64Array(length), new Float64Array(length)];
  for (const [row, day] of at.entries()) {
    for (const sums of [days, Number.parseInt(hashes[row]?.at(-1) ?? "", 16) % 2 === 1 ? odd : even]) {
      sums[day - first] = (sums[day - first] as number) + (usd[row] as number);
    }
  }
  const half = rankCorrelation(odd, even);
  return {
    days: { first, usd: days },
    count: usd.length,
    smallestUsd: usd.reduce((least, one) => Math.min(least, one), Number.POSITIVE_INFINITY),
    emptyDays: days.filter((sum) => sum === 0).length,
    ceiling: Math.sqrt((2 * half) / (1 + half)),
  };
}

/** Longs that exchanges liquidated, by UTC day: whole days (six buckets) up to the first hole. @throws TonsorError BAD_FILE */
export function exchangeLongs(folder: string, asset: "BTC" | "ETH"): Days {
  const file = present(folder, `liquidations/coinglass_cex_${asset}_liquidations_4h.csv.gz`);
  const { times, usd } = columns(file, "long_usd");
  const sums = new Map<number, { usd: number; buckets: number }>();
  for (const [row, time] of times.entries()) {
    const known = sums.get(dayOf(time)) ?? { usd: 0, buckets: 0 };
    sums.set(dayOf(time), { usd: known.usd + (usd[row] as number), buckets: known.buckets + 1 });
  }
  const whole = [...sums].filter(([, { buckets }]) => buckets === BUCKETS_A_DAY).sort(([a], [b]) => a - b);
  const first = whole[0]?.[0];
  if (first === undefined) {
    const facts = { field: "t", given: `${times.length} rows`, expected: "a day with six rows of four hours" };
    throw new TonsorError("BAD_FILE", `${file} has no whole day`, facts);
  }
  const unbroken = whole.filter(([day], i) => day === first + i);
  return { first, usd: Float64Array.from(unbroken, ([, sum]) => sum.usd) };
}

function columns(
  file: string,
  amount: string,
): {
  readonly table: Table;
  readonly times: Float64Array;
  readonly usd: Float64Array;
} {
  const table = Table.read(file);
  return {
    table,
    times: table.times(table.column("t")),
    usd: table.numbers(table.column(amount), "an amount in USD >= 0", (value) => value >= 0),
  };
}

import type { PriceSeries } from "../backtest/priceSeries.ts";

/** Correlation of hourly log returns over any past window, from running sums. */
export class Correlations {
  readonly #index = new Map<number, number>();
  readonly #sums: Float64Array[];

  constructor(first: PriceSeries, second: PriceSeries) {
    const other = new Map(Array.from(second.closeTimes, (time, i) => [time, second.closes[i] ?? 0]));
    const rows: [number, number][] = [];
    let last: readonly [number, number] | null = null;
    for (const [i, time] of first.closeTimes.entries()) {
      const price = other.get(time);
      if (price === undefined) continue;
      const now = [Math.log(first.closes[i] ?? 1), Math.log(price)] as const;
      if (last !== null) rows.push([now[0] - last[0], now[1] - last[1]]);
      last = now;
      this.#index.set(time, rows.length);
    }
    const running = (value: (x: number, y: number) => number) => {
      const sums = new Float64Array(rows.length + 1);
      for (const [n, [x, y]] of rows.entries()) sums[n + 1] = (sums[n] ?? 0) + value(x, y);
      return sums;
    };
    this.#sums = [
      (x: number) => x,
      (_: number, y: number) => y,
      (x: number) => x * x,
      (_: number, y: number) => y * y,
      (x: number, y: number) => x * y,
    ].map(running);
  }

  /** Correlation of the last `hours` returns known at `time`, or NaN when there are fewer. */
  at(time: number, hours: number): number {
    const end = this.#index.get(time) ?? 0;
    if (end < hours) return Number.NaN;
    const [x = 0, y = 0, xx = 0, yy = 0, xy = 0] = this.#sums.map(
      (sums) => ((sums[end] ?? 0) - (sums[end - hours] ?? 0)) / hours,
    );
    return (xy - x * y) / Math.sqrt((xx - x * x) * (yy - y * y));
  }
}

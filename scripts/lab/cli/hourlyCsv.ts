import { METHOD_NAMES } from "../validation/backtest/methods.ts";
import type { Walked } from "../validation/runValidation.ts";

/** Columns before those of the rules. */
const HEAD = ["time", "price_usd", "volatility", "rung", "loss", "limit_over_cap"] as const;

/**
 * Every hour of a walk as csv: time in ISO 8601 (UTC) first, then the price, the volatility used (a fraction a year), the rung of
 * the ladder it came from (1 for L1), maintenance's price loss (a fraction), the exposure limit over the supply cap, and both haircuts of every
 * rule (fractions; empty where a rule has none). `pandas.read_csv(file, index_col=0, parse_dates=True)` reads it.
 */
export function hourlyCsv({ world, walk }: Pick<Walked, "world" | "walk">): string {
  const rules = METHOD_NAMES.flatMap((name) => [
    [`${name}_initial`, walk.initial[name]] as const,
    [`${name}_maintenance`, walk.maintenance[name]] as const,
  ]);
  const shown = rules.filter(([, values]) => values.some((value) => !Number.isNaN(value)));
  const cell = (value: number | undefined) => (value === undefined || Number.isNaN(value) ? "" : value.toFixed(6));
  const rows = Array.from(walk.time, (time, n) => {
    const price = world.series.closes[walk.origin[n] ?? 0] ?? 0;
    return [
      new Date(time * 1_000).toISOString(),
      Number(price.toPrecision(10)),
      ...[cell(walk.used[n]), walk.level[n], cell(walk.loss[n]), cell(walk.limitOverCap[n])],
      ...shown.map(([, values]) => cell(values[n])),
    ].join(",");
  });
  return `${[[...HEAD, ...shown.map(([name]) => name)].join(","), ...rows].join("\n")}\n`;
}

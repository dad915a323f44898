import { type Coverage, coverage } from "../backtest/coverage.ts";
import { Outcomes } from "../backtest/outcomes.ts";
import { type PriceSeries, ratioSeries } from "../backtest/priceSeries.ts";
import { type Walk, walkForward } from "../backtest/walkForward.ts";
import { modelLaw, windowsOf } from "../backtest/windows.ts";
import type { World } from "../backtest/world.ts";
import { Correlations } from "./correlations.ts";

/** A collateral lent against another coin: what counts is the volatility of the ratio. */
export type PairStudy = {
  readonly pair: string;
  readonly from: number;
  readonly to: number;
  readonly hours: number;
  /** Mean volatility in use by rule, annualised. */
  readonly meanVolatility: Readonly<Record<PairRule, number>>;
  readonly coverage: Readonly<Record<PairRule, Coverage>>;
  /** Origins within a correlation break: the last 30 days' correlation is lower than the last 180 days' by 0.2 or more. */
  readonly breakShare: number;
  readonly inBreaks: Readonly<Record<PairRule, Coverage>>;
};

/** Ways to find the volatility of a pair. */
export const PAIR_RULES = {
  ratio: "the model on the price ratio itself",
  correlation: "both dollar volatilities and the correlation of 90 days",
  collateral: "the dollar volatility of the collateral, as if the debt were dollars",
} as const;
export type PairRule = keyof typeof PAIR_RULES;

const HOURS_SHORT = 30 * 24;
const HOURS_MIDDLE = 90 * 24;
const HOURS_LONG = 180 * 24;
const BREAK = 0.2;

/**
 * Validates the ratio rule on one pair against the two others, over all origins and within correlation breaks.
 * @param walks the dollar walks of both sides, on the same ladder rung rules
 */
export function pairStudy(
  world: World,
  debt: PriceSeries,
  walks: { readonly collateral: Walk; readonly debt: Walk },
  seed: number,
): PairStudy | null {
  const series = ratioSeries(world.series, debt);
  const walk = walkForward({ ...world, series, index: null, transfer: null });
  if (walk.origin.length === 0) return null;
  const hours = world.model.minimumHorizonHours;
  const lookup = new Outcomes(series);
  const outcomes = Array.from(walk.origin, (i) => lookup.after(i, hours));
  const collateral = alongside(walk.time, walks.collateral);
  const own = alongside(walk.time, walks.debt);
  const moving = new Correlations(world.series, debt);
  const middle = walk.time.map((time) => moving.at(time, HOURS_MIDDLE));
  const rules: Record<PairRule, Float64Array> = {
    ratio: walk.used,
    correlation: collateral.map((a, n) => {
      const [b, rho] = [own[n] ?? Number.NaN, middle[n] ?? Number.NaN];
      return Math.sqrt(Math.max(0, a * a + b * b - 2 * rho * a * b));
    }),
    collateral,
  };
  const broken = Array.from(walk.time, (t) => moving.at(t, HOURS_SHORT) < moving.at(t, HOURS_LONG) - BREAK);
  const everywhere = (n: number) => Object.values(rules).every((values) => !Number.isNaN(values[n] ?? Number.NaN));
  const law = modelLaw(world.model);
  const cover = (keep: (n: number) => boolean) =>
    byRule((rule) => coverage(windowsOf(walk.time, rules[rule], outcomes, hours, law, keep), hours, law, seed));
  const used = [...walk.time.keys()].filter(everywhere);
  return {
    pair: series.name,
    from: walk.time[0] ?? 0,
    to: walk.time.at(-1) ?? 0,
    hours,
    meanVolatility: byRule(
      (rule) => used.reduce((sum, n) => sum + (rules[rule][n] ?? 0), 0) / Math.max(1, used.length),
    ),
    coverage: cover(everywhere),
    breakShare: used.filter((n) => broken[n]).length / Math.max(1, used.length),
    inBreaks: cover((n) => everywhere(n) && broken[n] === true),
  };
}

/** The volatility in use of another walk at the same moments; NaN where it had none. */
function alongside(time: Float64Array, walk: Walk): Float64Array {
  const at = new Map(Array.from(walk.time, (moment, n) => [moment, walk.used[n] ?? Number.NaN]));
  return time.map((moment) => at.get(moment) ?? Number.NaN);
}

function byRule<T>(value: (rule: PairRule) => T): Record<PairRule, T> {
  return { ratio: value("ratio"), correlation: value("correlation"), collateral: value("collateral") };
}

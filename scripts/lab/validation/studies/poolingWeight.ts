import { DAY_SECONDS } from "../../../../keeper/domain/calendar.ts";
import type { Estimates } from "../backtest/estimates.ts";
import { ExpandingRegression } from "../backtest/expandingRegression.ts";
import { type IndexSeries, indexAt } from "../backtest/indexSeries.ts";
import type { PriceSeries } from "../backtest/priceSeries.ts";
import { dieboldMariano } from "../statistics/tickLoss.ts";

/** How much weight implied volatility deserved beside log-HAR in forecasting the next 24 hours. */
export type PoolingStudy = {
  readonly asset: string;
  readonly days: number;
  /** Weight by least squares on the whole sample, and its range as it was estimated walking forward. */
  readonly weight: number;
  readonly walkedLow: number;
  readonly walkedHigh: number;
  /** Mean bias of the index against what was realised, as a factor: 1.2 = the index was 20 % above. */
  readonly indexOverRealised: number;
  /** Mean quasi-likelihood loss by weight, and of the walked-forward weight within [0.2, 0.8]; lower is better. */
  readonly losses: Readonly<Record<string, number>>;
  /** Diebold-Mariano p-value of the weight in use against the walked one. */
  readonly inUseAgainstWalked: number;
};

const DAY_CANDLES = 24;
const LEAST_DAYS = 180;
const WEIGHTS = [0, 0.2, 0.35, 0.5, 0.65, 0.8, 1] as const;

/**
 * Regresses `ln RV(t, t+24h) - ln HAR` on a constant and `ln IV - ln HAR`, once a day at the hour of the index's daily
 * close, adding a day's outcome only when it is known (so training is purged by the whole horizon). The slope is the weight.
 */
export function poolingStudy(
  asset: string,
  series: PriceSeries,
  estimates: Estimates,
  index: IndexSeries,
  inUse: number,
): PoolingStudy | null {
  const days = daysOf(series, estimates, index);
  if (days.length <= LEAST_DAYS) return null;
  const regression = new ExpandingRegression(2);
  const walked: number[] = [];
  const losses: Record<string, number[]> = {
    walked: [],
    inUse: [],
    ...Object.fromEntries(WEIGHTS.map((w) => [w, []])),
  };
  for (const [n, { implied, har, realised }] of days.entries()) {
    if (n >= LEAST_DAYS) {
      const weight = Math.min(0.8, Math.max(0.2, regression.solve()?.coefficients[1] ?? inUse));
      walked.push(regression.solve()?.coefficients[1] ?? Number.NaN);
      const loss = (w: number) => quasiLikelihood(realised, implied ** (2 * w) * har ** (2 * (1 - w)));
      losses["walked"]?.push(loss(weight));
      losses["inUse"]?.push(loss(inUse));
      for (const w of WEIGHTS) losses[String(w)]?.push(loss(w));
    }
    regression.push([1, Math.log(implied / har)], 0.5 * Math.log(realised) - Math.log(har));
  }
  const later = days.slice(LEAST_DAYS);
  return {
    asset,
    days: later.length,
    weight: regression.solve()?.coefficients[1] ?? Number.NaN,
    walkedLow: Math.min(...walked),
    walkedHigh: Math.max(...walked),
    indexOverRealised: mean(later.map((day) => day.implied)) / mean(later.map((day) => Math.sqrt(day.realised))),
    losses: Object.fromEntries(Object.entries(losses).map(([name, values]) => [name, mean(values)])),
    inUseAgainstWalked: dieboldMariano(losses["inUse"] ?? [], losses["walked"] ?? [], 5).pValue,
  };
}

/** Annualised forecasts, and the annualised variance of the 24 hours that followed; only days with every hour. */
function daysOf(series: PriceSeries, estimates: Estimates, index: IndexSeries) {
  const days: { implied: number; har: number; realised: number }[] = [];
  for (let i = 0; i + DAY_CANDLES < series.closes.length; i++) {
    const now = series.closeTimes[i] ?? 0;
    if (now % DAY_SECONDS !== 0 || (series.closeTimes[i + DAY_CANDLES] ?? 0) - now !== DAY_SECONDS) continue;
    const [implied, har] = [indexAt(index, now), estimates.har[i] ?? Number.NaN];
    let squared = 0;
    for (let k = i; k < i + DAY_CANDLES; k++)
      squared += Math.log((series.closes[k + 1] ?? 1) / (series.closes[k] ?? 1)) ** 2;
    if (!Number.isNaN(implied) && !Number.isNaN(har) && squared > 0)
      days.push({ implied, har, realised: 365 * squared });
  }
  return days;
}

/** `RV/F - ln(RV/F) - 1`: Patton (2011), robust to noise in the proxy; 0 for a perfect forecast. */
function quasiLikelihood(realised: number, forecast: number): number {
  return realised / forecast - Math.log(realised / forecast) - 1;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

import { YEAR_HOURS } from "../../../../keeper/domain/calendar.ts";
import type { ModelParameters } from "../../../../keeper/domain/parameters.ts";
import { PromiseWatch } from "../../../../keeper/model/calibration.ts";
import { phasesOf, type Windows } from "./coverage.ts";
import type { TailLaw } from "./windows.ts";

/** What live calibration's alarm would have done over recorded years, on every series of windows that do not overlap. */
export type WatchPower = {
  /** Alarms a year of the promise as it was made, each series begun anew after its alarm: the mean, and the worst series. */
  readonly alarmsPerYear: number;
  readonly mostPerYear: number;
  /** Days to an alarm with the volatility in use times 0.7, begun every thirty days: median and ninth decile; infinite: not in the data. */
  readonly medianDays: number;
  readonly slowDays: number;
};

const TOO_LOW = 0.7;
const BEGUN_EVERY_DAYS = 30;
/** A start with less of the data ahead of it and no alarm says nothing. */
const LEAST_AHEAD_DAYS = 400;

/** False alarms and delay of the live watch (`PromiseWatch`) on recorded windows of `hours`, whose VaR is the model's at its law. */
export function watchPower(windows: Windows, hours: number, law: TailLaw, model: ModelParameters): WatchPower {
  const deviations = law.quantile * Math.sqrt(hours / YEAR_HOURS);
  const see = (watch: PromiseWatch, n: number, times: number) =>
    watch.see(windows.loss[n] ?? 0, (times * (windows.valueAtRisk[n] ?? 0)) / deviations);
  const alarmAfter = (series: readonly number[], times: number) => {
    const watch = new PromiseWatch(model, hours);
    return series.findIndex((n) => see(watch, n, times) >= 1) + 1;
  };
  const days = (count: number) => (count * hours) / 24;
  const rates: number[] = [];
  const delays: number[] = [];
  for (const series of phasesOf(windows, hours).filter((phase) => phase.length > 0)) {
    let alarms = 0;
    let rest = series;
    for (let n = alarmAfter(rest, 1); n > 0; n = alarmAfter(rest, 1)) {
      alarms += 1;
      rest = rest.slice(n);
    }
    rates.push((365 * alarms) / days(series.length));
    const every = Math.max(1, Math.floor((BEGUN_EVERY_DAYS * 24) / hours));
    for (let start = 0; start < series.length; start += every) {
      const n = alarmAfter(series.slice(start), TOO_LOW);
      if (n > 0) delays.push(days(n));
      else if (days(series.length - start) > LEAST_AHEAD_DAYS) delays.push(Number.POSITIVE_INFINITY);
    }
  }
  delays.sort((a, b) => a - b);
  const at = (share: number) => delays[Math.floor(share * (delays.length - 1))] ?? Number.POSITIVE_INFINITY;
  return {
    alarmsPerYear: rates.reduce((sum, rate) => sum + rate, 0) / Math.max(1, rates.length),
    mostPerYear: Math.max(0, ...rates),
    medianDays: at(0.5),
    slowDays: at(0.9),
  };
}

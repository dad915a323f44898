import { HOUR_SECONDS } from "../../../keeper/domain/calendar.ts";
import type { Series } from "../files/seriesFile.ts";
import type { Outcome } from "./run.ts";

/** A hole of at most so long is an exchange's halt, over which the last price holds; a longer one ends a segment. */
const LONGEST_HALT_SECONDS = 48 * HOUR_SECONDS;
/** A segment shorter than this has nothing to say: a book must first be built. */
const LEAST_STEPS = 30 * 24;

/**
 * A recorded series as stretches without a hole: short holes hold the last value, longer ones (spans that are withheld or
 * were never recorded) end one stretch and begin another, for nothing is interpolated across them.
 * @param times rising, Unix seconds  @param stepSeconds between rows that follow each other
 */
export function segmentsOf(
  times: ArrayLike<number>,
  values: ArrayLike<number>,
  stepSeconds: number,
): readonly Series[] {
  const segments: Series[] = [];
  let [rows, held]: [number[], number[]] = [[], []];
  const end = () => {
    if (rows.length >= LEAST_STEPS) {
      segments.push({ times: Float64Array.from(rows), values: Float64Array.from(held), stepSeconds });
    }
    [rows, held] = [[], []];
  };
  for (let i = 0; i < times.length; i += 1) {
    const time = times[i] as number;
    const last = rows.at(-1);
    if (last !== undefined && time - last > LONGEST_HALT_SECONDS + stepSeconds) end();
    for (let at = rows.at(-1); at !== undefined && at + stepSeconds < time; at = rows.at(-1)) {
      rows.push(at + stepSeconds);
      held.push(held.at(-1) as number);
    }
    rows.push(time);
    held.push(values[i] as number);
  }
  end();
  return segments;
}

/** Outcomes of the same market in several stretches as one: means weighted by time, money added up. */
export function mergeOutcomes(outcomes: readonly Outcome[]): Outcome {
  const [first] = outcomes;
  if (first === undefined) throw new RangeError("there is no outcome to merge");
  const sum = (pick: (one: Outcome) => number) => outcomes.reduce((total, one) => total + pick(one), 0);
  const years = sum((one) => one.years);
  const mean = (pick: (one: Outcome) => number) => sum((one) => pick(one) * one.years) / years;
  const [meanDebtUsd, badDebtUsd] = [mean((one) => one.meanDebtUsd), sum((one) => one.badDebtUsd)];
  return {
    ...{ name: first.name, rule: first.rule, years, meanDebtUsd, badDebtUsd },
    ...{ meanLtv: mean((one) => one.meanLtv), meanThreshold: mean((one) => one.meanThreshold) },
    badDebtBps: meanDebtUsd === 0 ? 0 : (badDebtUsd / meanDebtUsd / years) * 10_000,
    liquidatedUsd: sum((one) => one.liquidatedUsd),
    calls: sum((one) => one.calls),
    caused: meanDebtUsd === 0 ? 0 : sum((one) => one.caused * one.meanDebtUsd * one.years) / meanDebtUsd / years,
    meanUnsoldUsd: mean((one) => one.meanUnsoldUsd),
    mostUnsoldUsd: Math.max(...outcomes.map((one) => one.mostUnsoldUsd)),
    ...{ dueUsd: sum((one) => one.dueUsd), failedUsd: sum((one) => one.failedUsd) },
    touched: sum((one) => one.touched),
  };
}

/**
 * Outcomes of the parts of one lender as its own: money added up, terms weighted by debt; `mostUnsoldUsd` adds the most of each,
 * which need not have been at one step.
 */
export function sumOutcomes(parts: readonly Outcome[]): Outcome {
  const [first] = parts;
  if (first === undefined || parts.length === 1) return mergeOutcomes(parts);
  const { years } = first;
  const sum = (pick: (one: Outcome) => number) => parts.reduce((total, one) => total + pick(one), 0);
  const [meanDebtUsd, badDebtUsd] = [sum((one) => one.meanDebtUsd), sum((one) => one.badDebtUsd)];
  const byDebt = (pick: (one: Outcome) => number) =>
    meanDebtUsd === 0 ? 0 : sum((one) => pick(one) * one.meanDebtUsd) / meanDebtUsd;
  return {
    ...mergeOutcomes(parts),
    ...{ name: parts.map(({ name }) => name).join(" + "), years, meanDebtUsd, badDebtUsd },
    ...{ meanLtv: byDebt((one) => one.meanLtv), meanThreshold: byDebt((one) => one.meanThreshold) },
    badDebtBps: meanDebtUsd === 0 ? 0 : (badDebtUsd / meanDebtUsd / years) * 10_000,
    caused: byDebt((one) => one.caused),
    meanUnsoldUsd: sum((one) => one.meanUnsoldUsd),
    mostUnsoldUsd: sum((one) => one.mostUnsoldUsd),
  };
}

import { DAY_SECONDS } from "../../../../keeper/domain/calendar.ts";
import type { ModelParameters } from "../../../../keeper/domain/parameters.ts";
import type { Estimates } from "../backtest/estimates.ts";
import { allowedFall } from "../backtest/methods.ts";
import { type Outcome, Outcomes } from "../backtest/outcomes.ts";
import { largestRise } from "../backtest/procyclicality.ts";
import { protection } from "../backtest/protection.ts";
import { walkForward } from "../backtest/walkForward.ts";
import type { World } from "../backtest/world.ts";

/** What one other value of one parameter would have done to the target of one asset. */
export type JudgementRow = {
  readonly asset: string;
  readonly parameter: keyof ModelParameters;
  readonly value: number;
  readonly inUse: boolean;
  readonly meanMaintenance: number;
  readonly meanInitial: number;
  readonly badDebtPerYear: number;
  /** Scaled, with hindsight, to the mean allowance of the defaults. */
  readonly badDebtAtEqualCost: number;
  readonly rise30d: number;
};

/** Values tried, the default among them. */
const TRIALS: Readonly<Partial<Record<keyof ModelParameters, readonly number[]>>> = {
  depthStressElasticity: [0, 0.5, 1, 1.5],
  depthStressFloor: [0.1, 0.3, 0.5],
  degreesOfFreedom: [3, 4, 6],
  longRunFloor: [0.3, 0.6, 0.9],
};

const MONTH = 30 * DAY_SECONDS;

/** Depth over the cap at which the exposure limit is below the cap; volume moves no number. */
const THIN = { depthOverCap: 0.01, volumeOverCap: 20 } as const;

/** The parameters of depth on the same asset where depth is thin: in ordinary proportions the exposure limit is above the cap. */
export function thinJudgementRows(world: World, estimates: Estimates): readonly JudgementRow[] {
  const { supplyCapUsd } = world.model;
  const { depthUsdAt: _depth, dailyVolumeUsdAt: _volume, ...constant } = world;
  const series = { ...world.series, name: `${world.series.name}, thin` };
  const money = { depthUsd: THIN.depthOverCap * supplyCapUsd, dailyVolumeUsd: THIN.volumeOverCap * supplyCapUsd };
  const { depthStressElasticity = [], depthStressFloor = [] } = TRIALS;
  return judgementRows({ ...constant, ...money, series }, estimates, { depthStressElasticity, depthStressFloor });
}

/** One parameter at a time on one asset; origins every hour, the same windows for all. */
export function judgementRows(
  world: World,
  estimates: Estimates,
  trials: typeof TRIALS = TRIALS,
): readonly JudgementRow[] {
  const lookup = new Outcomes(world.series);
  const hours = world.model.minimumHorizonHours;
  const bonus = world.model.liquidationBonus;
  const rows: JudgementRow[] = [];
  let chosen: number[] | null = null;
  let reference = 0;
  const measure = (model: ModelParameters, parameter: keyof ModelParameters, value: number, inUse: boolean) => {
    const walk = walkForward({ ...world, model, transfer: null }, { own: estimates });
    const outcomes = Array.from(walk.origin, (i) => lookup.after(i, hours));
    chosen ??= [...outcomes.keys()].filter((n) => outcomes[n] !== null);
    const members = chosen;
    const pick = (values: Float64Array) => Float64Array.from(members, (n) => values[n] ?? 0);
    const [time, maintenance] = [pick(walk.time), pick(walk.maintenance.ours)];
    const ends = members.map((n) => outcomes[n] as Outcome);
    if (reference === 0) {
      const sum = maintenance.reduce((total, haircut) => total + Math.max(0, allowedFall(haircut, bonus)), 0);
      reference = sum / Math.max(1, maintenance.length);
    }
    const score = protection(time, maintenance, pick(walk.initial.ours), ends, hours, bonus, reference);
    rows.push({
      asset: world.series.name,
      parameter,
      value,
      inUse,
      meanMaintenance: score.meanMaintenance,
      meanInitial: score.meanInitial ?? 0,
      badDebtPerYear: score.badDebtPerYear,
      badDebtAtEqualCost: score.badDebtAtEqualCost,
      rise30d: largestRise(time, maintenance, MONTH),
    });
  };
  // The default first: it sets the windows and the reference.
  measure(world.model, "degreesOfFreedom", world.model.degreesOfFreedom, true);
  const [first] = rows.splice(0, 1);
  if (first === undefined) return rows;
  for (const [name, values] of Object.entries(trials) as [keyof ModelParameters, readonly number[]][]) {
    for (const value of values) {
      if (value === world.model[name]) rows.push({ ...first, parameter: name, value });
      else measure({ ...world.model, [name]: value }, name, value, false);
    }
  }
  return rows;
}

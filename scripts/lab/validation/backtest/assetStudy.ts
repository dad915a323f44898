import { DAY_SECONDS } from "../../../../keeper/domain/calendar.ts";
import { type Coverage, coverage } from "./coverage.ts";
import { allowedFall, METHOD_NAMES, type Method } from "./methods.ts";
import { type Outcome, Outcomes } from "./outcomes.ts";
import { type Procyclicality, procyclicality } from "./procyclicality.ts";
import { type Protection, protection } from "./protection.ts";
import { REGIMES, type Regime, regimeOf } from "./regime.ts";
import { RUNGS, type Rung } from "./rungs.ts";
import type { Walk } from "./walkForward.ts";
import { type WatchPower, watchPower } from "./watchPower.ts";
import { modelLaw, normalLaw, type TailLaw, windowsOf } from "./windows.ts";
import type { World } from "./world.ts";

/** Volatility forecasts whose tail is tested: the live ladder, each rung by itself, and two that others use. */
export type Forecaster = "ladder" | Rung | "EWMA, Normal" | "realised, t(4)";

/** Days shown in charts: haircuts as they stood, and the fall that followed. */
type PathPoint = {
  readonly time: number;
  readonly ours: number;
  readonly onChain: number;
  readonly static: number;
  /** Worst fall that followed any origin of the week, and the largest excess over what ours allowed for. */
  readonly worstFall: number;
};

/** Terms a collateral was judged under, basis points, and what was measured of its market, over the cap. */
type MarketFacts = {
  readonly deployedBy: string;
  readonly limits: World["limits"];
  readonly stressVolatility: number;
  /** Recorded book, Unix seconds; null: depth follows volume, or is constant where nothing is recorded. */
  readonly book: World["book"] | null;
  /** Where depth and volume are from: recordings, an analyst's own files, or proportions held constant. */
  readonly size: "recorded" | "given" | "assumed";
  /** 5 % quantile, median and 95 % quantile over the origins. */
  readonly depthOverCap: readonly number[];
  readonly volumeOverCap: readonly number[];
};

export type AssetStudy = {
  readonly asset: string;
  readonly from: number;
  readonly to: number;
  readonly hours: number;
  readonly bonus: number;
  readonly coverage: Readonly<Partial<Record<Forecaster, Coverage>>>;
  readonly byRegime: Readonly<Record<Regime, Coverage>>;
  readonly byYear: Readonly<Record<string, Coverage>>;
  /** Coverage where the live ladder stood on a rung, 1 for L1. */
  readonly byLevel: Readonly<Record<string, Coverage>>;
  /** What live calibration's alarm would have done, for each haircut. */
  readonly watch: { readonly initial: WatchPower; readonly maintenance: WatchPower };
  readonly protection: Readonly<Record<Method, Protection>>;
  readonly maintenanceMoves: Readonly<Record<Method, Procyclicality>>;
  readonly initialMoves: Readonly<Partial<Record<Method, Procyclicality>>>;
  /** Share of origins at which the exposure limit is below the supply cap. */
  readonly limited: number;
  readonly updatesPerDay: number;
  /** True when the price lost nine tenths within a window: no rule of haircuts is meant for that. */
  readonly died: boolean;
  /** What it was judged as: class and size over the cap. */
  readonly market: MarketFacts;
  readonly path: readonly PathPoint[];
};

const WEEK = 7 * DAY_SECONDS;
const RULES_WITH_INITIAL: readonly Method[] = ["ours", "onChain", "static"];

/** Everything measured on one collateral between two moments (Unix seconds, origins only). */
export function assetStudy(world: World, walk: Walk, from: number, to: number, seed: number): AssetStudy | null {
  const hours = world.model.minimumHorizonHours;
  const lookup = new Outcomes(world.series);
  const inside = (n: number) => (walk.time[n] ?? 0) >= from && (walk.time[n] ?? 0) < to;
  const outcomes = Array.from(walk.origin, (i, n) => (inside(n) ? lookup.after(i, hours) : null));
  const first = outcomes.findIndex((outcome) => outcome !== null);
  if (first < 0) return null;
  const law = modelLaw(world.model);
  const cover = (volatility: Float64Array, tail: TailLaw, keep?: (n: number) => boolean): Coverage =>
    coverage(windowsOf(walk.time, volatility, outcomes, hours, tail, keep), hours, tail, seed);
  const watched = (volatility: Float64Array) =>
    watchPower(windowsOf(walk.time, volatility, outcomes, hours, law), hours, law, world.model);
  const regime = (n: number) => regimeOf((walk.realised[n] ?? 0) / (walk.longRun[n] ?? 1));
  const rungs = RUNGS.map((rung) => [rung, cover(walk.rungs[rung], law)] as const).filter(
    ([, { windows }]) => windows > 0,
  );
  const years = [...new Set(Array.from(walk.time, yearOf))].filter(
    (year) => year >= yearOf(from) && year <= yearOf(to),
  );
  const levels = [...new Set(walk.level)].sort();
  const scored = score(world, walk, outcomes, hours);
  return {
    asset: world.series.name,
    from: walk.time[first] ?? 0,
    to: walk.time[outcomes.findLastIndex((outcome) => outcome !== null)] ?? 0,
    hours,
    bonus: world.model.liquidationBonus,
    coverage: {
      ladder: cover(walk.used, law),
      ...Object.fromEntries(rungs),
      "EWMA, Normal": cover(walk.ewma, normalLaw(world.model.tailLevel)),
      "realised, t(4)": cover(walk.realised, law),
    },
    byRegime: byName(REGIMES, (name) => cover(walk.used, law, (n) => regime(n) === name)),
    byYear: byName(years.map(String), (year) =>
      cover(walk.used, law, (n) => yearOf(walk.time[n] ?? 0) === Number(year)),
    ),
    byLevel: byName(
      levels.map((level) => `L${level}`),
      (name) => cover(walk.used, law, (n) => `L${walk.level[n]}` === name),
    ),
    watch: {
      initial: watched(walk.today),
      maintenance: watched(walk.slow),
    },
    ...scored,
    limited: share(walk.limitOverCap, (value, n) => inside(n) && value < 1),
    updatesPerDay: (walk.updates / ((walk.time.at(-1) ?? 1) - (walk.time[0] ?? 0))) * DAY_SECONDS,
    died: outcomes.some(isDeath),
    market: factsOf(world, walk, inside),
    path: pathOf(walk, outcomes),
  };
}

function sizeSource({ dailyVolumeUsdAt, depth, measuredVolume }: World): MarketFacts["size"] {
  if (dailyVolumeUsdAt !== undefined) return "recorded";
  return depth === undefined && measuredVolume === undefined ? "assumed" : "given";
}

/** True for a fall that only a coin that dies has. */
export function isDeath(outcome: Outcome | null): boolean {
  return outcome !== null && outcome.fall > 0.9;
}

function factsOf(world: World, walk: Walk, inside: (n: number) => boolean): MarketFacts {
  const { supplyCapUsd, stressVolatility } = world.model;
  const over = (values: Float64Array) => {
    const sorted = values.filter((_, n) => inside(n)).sort();
    return [0.05, 0.5, 0.95].map((share) => (sorted[Math.floor(share * (sorted.length - 1))] ?? 0) / supplyCapUsd);
  };
  return {
    ...{ deployedBy: world.deployed.by ?? "assumed", limits: world.limits, stressVolatility, book: world.book ?? null },
    size: sizeSource(world),
    ...{ depthOverCap: over(walk.depthUsd), volumeOverCap: over(walk.dailyVolumeUsd) },
  };
}

/** Protection and movement of every rule, on the windows where every rule has a haircut. */
function score(world: World, walk: Walk, outcomes: readonly (Outcome | null)[], hours: number) {
  const bonus = world.model.liquidationBonus;
  const chosen = [...outcomes.keys()].filter((n) => {
    return outcomes[n] !== null && METHOD_NAMES.every((name) => !Number.isNaN(walk.maintenance[name][n] ?? Number.NaN));
  });
  const pick = (values: Float64Array) => Float64Array.from(chosen, (n) => values[n] ?? Number.NaN);
  const time = pick(walk.time);
  const ends = chosen.flatMap((n) => outcomes[n] ?? []);
  const ours = pick(walk.maintenance.ours);
  const reference =
    ours.reduce((sum, value) => sum + Math.max(0, allowedFall(value, bonus)), 0) / Math.max(1, ours.length);
  return {
    protection: byName(METHOD_NAMES, (name) =>
      protection(time, pick(walk.maintenance[name]), pick(walk.initial[name]), ends, hours, bonus, reference),
    ),
    maintenanceMoves: byName(METHOD_NAMES, (name) => procyclicality(time, pick(walk.maintenance[name]))),
    initialMoves: byName(RULES_WITH_INITIAL, (name) => procyclicality(time, pick(walk.initial[name]))),
  };
}

/** One point a week: haircuts at its first origin, the worst fall that followed any of its origins. */
function pathOf(walk: Walk, outcomes: readonly (Outcome | null)[]): readonly PathPoint[] {
  const points = new Map<number, PathPoint>();
  for (let n = 0; n < walk.time.length; n++) {
    const outcome = outcomes[n];
    if (!outcome) continue;
    const week = Math.floor((walk.time[n] ?? 0) / WEEK);
    const known = points.get(week);
    const worstFall = Math.max(known?.worstFall ?? 0, outcome.fall);
    points.set(week, {
      time: known?.time ?? walk.time[n] ?? 0,
      ours: known?.ours ?? round(walk.maintenance.ours[n]),
      onChain: known?.onChain ?? round(walk.maintenance.onChain[n]),
      static: known?.static ?? round(walk.maintenance.static[n]),
      worstFall: round(worstFall),
    });
  }
  return [...points.values()];
}

function yearOf(time: number): number {
  return new Date(Math.max(-8.64e12, Math.min(8.64e12, time)) * 1000).getUTCFullYear();
}

function share(values: Float64Array, holds: (value: number, n: number) => boolean): number {
  return values.filter(holds).length / Math.max(1, values.length);
}

function round(value: number | undefined): number {
  return Math.round((value ?? 0) * 1e4) / 1e4;
}

function byName<Name extends string, T>(names: readonly Name[], value: (name: Name) => T): Record<Name, T> {
  return Object.fromEntries(names.map((name) => [name, value(name)])) as Record<Name, T>;
}

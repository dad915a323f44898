import type { OptionBoard } from "../../../keeper/domain/observation.ts";
import type { MarketParameters } from "../../../keeper/domain/parameters.ts";
import type { Spans } from "../replay/withheld.ts";
import { type AssetStudy, assetStudy, isDeath } from "./backtest/assetStudy.ts";
import type { Asset } from "./backtest/assets.ts";
import { type Estimates, estimatesOf } from "./backtest/estimates.ts";
import { Outcomes } from "./backtest/outcomes.ts";
import { RUNGS } from "./backtest/rungs.ts";
import { type Walk, walkForward } from "./backtest/walkForward.ts";
import { modelLaw, windowsOf } from "./backtest/windows.ts";
import type { World } from "./backtest/world.ts";
import { type Settings, Worlds } from "./backtest/worlds.ts";
import { type Integrity, integrity } from "./integrity.ts";
import { type MultiplierEstimate, multiplierEstimate } from "./studies/ladderMultipliers.ts";
import { type SideStudies, sideStudies } from "./studies/sideStudies.ts";

/** What to run. */
export type ValidationInput = {
  readonly folder: string;
  readonly assets: readonly Asset[];
  /** Origins in [from, to), Unix seconds. */
  readonly from: number;
  readonly to: number;
  readonly settings: Settings;
  /** The same with parameters changed, to be shown beside; null when nothing was. */
  readonly changed: Settings | null;
  /** Studies beside the walk: boards, pegs, pairs, weights, books. They need the whole data set. */
  readonly market: MarketParameters;
  readonly boards: readonly OptionBoard[] | null;
  readonly seed: number;
  readonly clock: () => number;
  readonly progress: (what: string, done: number, of: number) => void;
  /** How much of one asset's part is behind, in [0, 1]; absent: nobody asks. */
  readonly within?: (share: number) => void;
  /** Called with each asset once it was walked, with unchanged parameters; absent: nobody asks. */
  readonly walked?: (one: Walked) => void;
};

export type ValidationReport = {
  readonly assets: readonly AssetStudy[];
  readonly changed: readonly AssetStudy[] | null;
  readonly multipliers: readonly MultiplierEstimate[];
  readonly integrity: Integrity;
  /** Spans that the data withholds. */
  readonly withheld: Spans;
  readonly studies: SideStudies | null;
  /** Hours walked, and seconds for loading, walking (estimates, haircuts, policy) and testing. */
  readonly speed: {
    readonly origins: number;
    readonly walking: number;
    readonly estimating: number;
    readonly testing: number;
  };
};

/** Shares of an asset's time after its estimates and after its walk, as measured; the tests are the rest. */
const ESTIMATED = 0.1;
const WALKED = 0.4;

/** One asset walked, kept for the studies that need several. */
export type Walked = {
  readonly asset: Asset;
  readonly world: World;
  readonly estimates: Estimates;
  readonly walk: Walk;
};

/**
 * Walks every asset forward, tests what was said, and makes the studies beside. Assets without an origin in [from, to) are left out.
 */
export function runValidation(input: ValidationInput): ValidationReport {
  const { assets, settings, changed, progress, clock, seed } = input;
  const worlds = new Worlds(input.folder, settings);
  const others = changed === null ? null : new Worlds(input.folder, changed);
  const steps = assets.length * (others === null ? 1 : 2) + (input.boards === null ? 1 : 2);
  const speed = { origins: 0, walking: 0, estimating: 0, testing: 0 };
  const known = new Map<string, Estimates>();
  const walked: Walked[] = [];
  const studies: AssetStudy[] = [];
  const changedStudies: AssetStudy[] = [];
  let done = 0;

  const walkOne = (world: World, asset: Asset): Walked => {
    const start = clock();
    const estimatesFor = (series: World["series"]) => {
      const key = `${series.name} ${world.model.tailLevel}`;
      const found = known.get(key) ?? estimatesOf(series, world.model.tailLevel);
      known.set(key, found);
      return found;
    };
    const estimates = estimatesFor(world.series);
    const transfer = world.transfer === null ? {} : { transfer: estimatesFor(world.transfer.series) };
    const middle = clock();
    input.within?.(ESTIMATED);
    const walk = walkForward(world, { own: estimates, ...transfer }, (share) =>
      input.within?.(ESTIMATED + (WALKED - ESTIMATED) * share),
    );
    speed.estimating += middle - start;
    speed.walking += clock() - middle;
    speed.origins += walk.origin.length;
    return { asset, world, estimates, walk };
  };
  const study = (one: Walked, into: AssetStudy[]) => {
    const start = clock();
    const found = assetStudy(one.world, one.walk, input.from, input.to, seed);
    if (found !== null) into.push(found);
    speed.testing += clock() - start;
  };

  for (const asset of assets) {
    progress(asset.name, done++, steps);
    const one = walkOne(worlds.open(asset), asset);
    walked.push(one);
    input.walked?.(one);
    study(one, studies);
    if (others === null) continue;
    progress(`${asset.name}, changed`, done++, steps);
    study(walkOne(others.open(asset), asset), changedStudies);
  }
  progress("leaks and canaries", done++, steps);
  const checked = integrity(walked.slice(0, 2), 12, seed);
  if (input.boards !== null) progress("pairs, pegs, boards, books", done++, steps);
  return {
    assets: studies,
    changed: others === null ? null : changedStudies,
    multipliers: multipliersOf(walked, seed),
    integrity: checked,
    withheld: walked[0]?.world.series.withheld ?? [],
    studies: input.boards === null ? null : sideStudies(input, worlds, walked, input.boards),
    speed,
  };
}

/** Multipliers by rung and class. A coin that dies is left out: it asks for an infinite one. */
function multipliersOf(walked: readonly Walked[], seed: number): readonly MultiplierEstimate[] {
  const estimates: MultiplierEstimate[] = [];
  for (const group of ["major", "long-tail"] as const) {
    const members = walked
      .filter(({ asset }) => asset.class === group)
      .map((one) => {
        const lookup = new Outcomes(one.world.series);
        const hours = one.world.model.minimumHorizonHours;
        return { ...one, outcomes: Array.from(one.walk.origin, (i) => lookup.after(i, hours)) };
      })
      .filter(({ outcomes }) => !outcomes.some(isDeath));
    for (const rung of RUNGS) {
      const [first] = members;
      if (first === undefined) continue;
      const { model } = first.world;
      const hours = model.minimumHorizonHours;
      const law = modelLaw(model);
      const sets = members.map(({ walk, outcomes }) => {
        return windowsOf(walk.time, walk.rungs[rung], outcomes, hours, law);
      });
      const inUse = model.ladderMultipliers[Number(rung[1]) - 1] ?? 1;
      const filled = sets.filter(({ time }) => time.length > 0);
      if (filled.length === 0) continue;
      estimates.push(multiplierEstimate(rung, group, filled, hours, inUse, law.probability, seed));
    }
  }
  return estimates;
}

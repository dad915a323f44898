import { YEAR_HOURS } from "../../../keeper/domain/calendar.ts";
import type { Asset } from "../validation/backtest/assets.ts";
import { METHODS, type Method, tailMultiple } from "../validation/backtest/methods.ts";
import type { Walk } from "../validation/backtest/walkForward.ts";
import type { World } from "../validation/backtest/world.ts";
import { deployedAt } from "./deployed.ts";

/**
 * What one rule says hour by hour, fractions: initial is NaN for rules that know one number only, both before a rule speaks.
 * `limit` is the exposure limit as a share of the cap, null for rules without one.
 */
export type RulePath = {
  readonly initial: Float64Array;
  readonly maintenance: Float64Array;
  readonly limit: Float64Array | null;
  /** The maintenance haircut rises by at most so much a day; the LTV follows at once. */
  readonly riseADay: number;
  /** A lender's own parameters: offered as they were, at no other scale. */
  readonly deployed: boolean;
};

/** What perfect foresight allows for: the worst fall of the hours to come. */
const FORESIGHT_HOURS = 48;
/** Of the forms that were judged for model version 4: least fall allowed for, and speeds of maintenance a day. */
const [JUMP, FAST_RISE, SLOW_RISE] = [0.05, 0.015, 0.001];

/** Rules on the frontier with what each is. */
export const FRONTIER_RULES = {
  static:
    "one constant, LTV and threshold the least gap apart: at each mean LTV the best static parameters in hindsight",
  staticHalf: "the same with a constant exposure limit of half of the cap",
  staticTenth: "the same with a constant exposure limit of a tenth of the cap",
  deployed: "the parameters that a lender really had, year by year, at their own LTV",
  ewmaNormal: METHODS.ewmaNormal,
  realised: METHODS.realised,
  aloe: METHODS.aloe,
  smartLtv: "SmartLTV (RiskDAO 2023), realised volatility and the family's depth, c = 3",
  ladder: "the pooled volatility ladder over 24 hours, at once",
  ours: "Tonsor's target, before policy and contract",
  onChain: "Tonsor as it is on chain: target after pace, dead band and the maintenance ramp; no limit",
  onChainLimit: "the same with its exposure limit, at most the cap",
  fastDepth: "EWMA volatility x sqrt(size / depth)",
  fastLong: "sqrt(EWMA x long-run) x sqrt(size / depth), jump floor, maintenance 150 bp a day",
  fastLongSlow: "the same, maintenance 10 bp a day, initial at once",
  slowVolatility: "the larger of EWMA and long-run volatility, jump floor, maintenance 10 bp a day",
  credible: "this model's long run, a typical year in it, and no initial of its own: maintenance 10 bp a day",
  limitDepth: "static haircuts, exposure limit in proportion to depth, above the cap too",
  limitLowers: "static haircuts, exposure limit in proportion to depth, at most the cap",
  slowLimit: "slowVolatility, exposure limit in proportion to depth, at most the cap",
  foresight: `the largest fall within the next ${FORESIGHT_HOURS} hours, known in advance: no rule can do better by much`,
} as const;

export type FrontierRule = keyof typeof FRONTIER_RULES;
export const RULE_NAMES = Object.keys(FRONTIER_RULES) as readonly FrontierRule[];

/** Rules that may be chosen: all that know the past alone. */
export const HONEST_RULES: readonly FrontierRule[] = RULE_NAMES.filter((name) => name !== "foresight");

/**
 * Paths of every rule over a walk, one entry an origin.
 * @param closes price at each origin
 * @param depth size of the market at each origin over its mean, NaN where it is not known (it is then taken as usual)
 */
export function pathsOf(
  asset: Pick<Asset, "name" | "deployed">,
  walk: Walk,
  { model }: Pick<World, "model">,
  closes: Float64Array,
  depth: Float64Array,
): Readonly<Record<FrontierRule, RulePath>> {
  const bonus = model.liquidationBonus;
  const [multiple, day] = [tailMultiple(model), Math.sqrt(model.minimumHorizonHours / YEAR_HOURS)];
  const none = new Float64Array(closes.length).fill(Number.NaN);
  const plain = { initial: none, limit: null, riseADay: Number.POSITIVE_INFINITY, deployed: false };
  const of = (method: Method): RulePath => {
    return { ...plain, initial: walk.initial[method], maintenance: walk.maintenance[method] };
  };
  /** The haircut that allows for a fall of `spread` log points, and no less than a jump. */
  const allowing = (spread: (i: number) => number, jump = 0) =>
    closes.map((_, i) => 1 - ((1 - jump) * Math.exp(-spread(i))) / (1 + bonus));
  const hours = (volatility: Float64Array) => (i: number) => multiple * (volatility[i] as number) * day;
  const scarcity = depth.map((size) => (Number.isNaN(size) ? 1 : 1 / Math.sqrt(size)));
  const both = (i: number) =>
    multiple * Math.sqrt((walk.ewma[i] as number) * (walk.longRun[i] as number)) * day * (scarcity[i] as number);
  const slow = closes.map((_, i) => Math.max(walk.ewma[i] as number, walk.longRun[i] as number));
  const size = depth.map((one) => (Number.isNaN(one) ? 1 : one));
  const lowered = size.map((one) => Math.min(1, one));
  const slowly = { ...plain, maintenance: allowing(hours(slow), JUMP), riseADay: SLOW_RISE };
  const fastLong = allowing(both, JUMP);
  const constant = { ...plain, maintenance: walk.maintenance.static };
  return {
    static: constant,
    staticHalf: { ...constant, limit: closes.map(() => 0.5) },
    staticTenth: { ...constant, limit: closes.map(() => 0.1) },
    deployed: { ...plain, ...deployedAt(asset, walk.time), deployed: true },
    ewmaNormal: of("ewmaNormal"),
    realised: of("realised"),
    aloe: of("aloe"),
    smartLtv: of("smartLtv"),
    ladder: { ...plain, maintenance: allowing(hours(walk.used)) },
    ours: of("ours"),
    onChain: of("onChain"),
    onChainLimit: { ...of("onChain"), limit: walk.chainLimitOverCap },
    fastDepth: { ...plain, maintenance: allowing((i) => hours(walk.ewma)(i) * (scarcity[i] as number)) },
    fastLong: { ...plain, maintenance: fastLong, riseADay: FAST_RISE },
    fastLongSlow: { ...plain, maintenance: fastLong, riseADay: SLOW_RISE },
    slowVolatility: slowly,
    credible: { ...plain, maintenance: allowing(hours(walk.slow)), riseADay: SLOW_RISE },
    limitDepth: { ...constant, limit: size },
    limitLowers: { ...constant, limit: lowered },
    slowLimit: { ...slowly, limit: lowered },
    foresight: { ...plain, maintenance: foresight(closes, bonus) },
  };
}

function foresight(closes: Float64Array, bonus: number): Float64Array {
  return closes.map((price, i) => {
    const low = closes.subarray(i, i + FORESIGHT_HOURS + 1).reduce((least, one) => Math.min(least, one), price);
    return 1 - low / price / (1 + bonus);
  });
}

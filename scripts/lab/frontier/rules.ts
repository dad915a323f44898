import { METHODS, type Method } from "../validation/backtest/methods.ts";
import type { Walk } from "../validation/backtest/walkForward.ts";

/** Hourly haircuts of one rule, fractions; initial is NaN for rules that know one number only, both before a rule speaks. */
export type RulePath = { readonly initial: Float64Array; readonly maintenance: Float64Array };

/** What perfect foresight allows for: the worst fall of the hours to come. */
const FORESIGHT_HOURS = 48;

/** Rules on the frontier with what each is; `onChain` is today's model through policy and contract. */
export const FRONTIER_RULES = {
  static: "one constant: the best static parameter in hindsight is this one at its scale",
  ewmaNormal: METHODS.ewmaNormal,
  realised: METHODS.realised,
  smartLtv: METHODS.smartLtv,
  aloe: METHODS.aloe,
  plain: METHODS.plain,
  ours: METHODS.ours,
  onChain: METHODS.onChain,
  foresight: `the largest fall within the next ${FORESIGHT_HOURS} hours, known in advance: no rule can do better by much`,
} as const;

export type FrontierRule = keyof typeof FRONTIER_RULES;
export const RULE_NAMES = Object.keys(FRONTIER_RULES) as readonly FrontierRule[];

/** Rules that may be chosen: all that look at the past alone. */
export const HONEST_RULES: readonly FrontierRule[] = RULE_NAMES.filter((name) => name !== "foresight");

/** Paths of every rule over a walk, one entry an origin. @param closes price at each origin  @param bonus liquidation bonus */
export function pathsOf(walk: Walk, closes: Float64Array, bonus: number): Readonly<Record<FrontierRule, RulePath>> {
  const of = (method: Method): RulePath => ({ initial: walk.initial[method], maintenance: walk.maintenance[method] });
  const none = new Float64Array(closes.length).fill(Number.NaN);
  const foresight = Float64Array.from(closes, (price, i) => {
    const low = closes.subarray(i, i + FORESIGHT_HOURS + 1).reduce((least, one) => Math.min(least, one), price);
    return 1 - low / price / (1 + bonus);
  });
  return {
    static: of("static"),
    ewmaNormal: of("ewmaNormal"),
    realised: of("realised"),
    smartLtv: of("smartLtv"),
    aloe: of("aloe"),
    plain: of("plain"),
    ours: of("ours"),
    onChain: of("onChain"),
    foresight: { initial: none, maintenance: foresight },
  };
}

/** Thresholds and LTVs that a scaled rule offers, one entry an origin; an hour in which it says nothing keeps the last. */
export type OfferedPath = { readonly threshold: Float64Array; readonly ltv: Float64Array };

/**
 * A rule with every haircut times `scale`, as a lender could offer it: the threshold stays `MARGIN` below 1 / (1 + bonus),
 * the LTV `gap` or more below the threshold.
 */
export function offered(path: RulePath, scale: number, gap: number, bonus: number): OfferedPath {
  const most = 1 / (1 + bonus) - MARGIN;
  let [lastInitial, lastMaintenance] = [Number.NaN, firstOf(path.maintenance)];
  const ltv = new Float64Array(path.maintenance.length);
  const threshold = path.maintenance.map((maintenance, i) => {
    if (!Number.isNaN(maintenance)) [lastInitial, lastMaintenance] = [path.initial[i] as number, maintenance];
    const here = Math.max(0, Math.min(most, 1 - scale * lastMaintenance));
    const initial = Number.isNaN(lastInitial) ? Number.NEGATIVE_INFINITY : scale * lastInitial;
    ltv[i] = Math.max(0, Math.min(1 - initial, here - gap));
    return here;
  });
  return { threshold, ltv };
}

/** Distance that a threshold keeps from the point at which liquidations worsen accounts. */
const MARGIN = 0.005;

function firstOf(values: Float64Array): number {
  return values.find((value) => !Number.isNaN(value)) ?? 1;
}

/**
 * The scale at which a rule offers a mean LTV over the origins that `counts`; null when no scale in [0.02, 20] does. The mean
 * falls as the scale rises, so bisection finds it to 1e-6.
 */
export function scaleForLtv(
  path: RulePath,
  target: number,
  gap: number,
  bonus: number,
  counts: (origin: number) => boolean,
): number | null {
  const mean = (scale: number): number => {
    const { ltv } = offered(path, scale, gap, bonus);
    let [sum, n] = [0, 0];
    for (let i = 0; i < ltv.length; i += 1) {
      if (!counts(i)) continue;
      sum += ltv[i] as number;
      n += 1;
    }
    return n === 0 ? Number.NaN : sum / n;
  };
  let [low, high] = [0.02, 20];
  if (!(mean(low) >= target && mean(high) <= target)) return null;
  while (high - low > 1e-6 * low) {
    const middle = Math.sqrt(low * high);
    if (mean(middle) > target) low = middle;
    else high = middle;
  }
  return low;
}

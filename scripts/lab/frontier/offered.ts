import type { RulePath } from "./rules.ts";

/** What a scaled rule offers, one entry an origin: thresholds, LTVs, and the limit as a share of the cap (null: none). */
export type OfferedPath = {
  readonly threshold: Float64Array;
  readonly ltv: Float64Array;
  readonly limit: Float64Array | null;
};

/** Distance that a threshold keeps from the point at which liquidations worsen accounts. */
const MARGIN = 0.005;

/**
 * A rule with every haircut times `scale`, as a lender could offer it: the threshold stays `MARGIN` below 1 / (1 + bonus)
 * and falls no faster than the rule's ramp, the LTV stays `gap` or more below both it and what the rule aims at. An hour in
 * which the rule says nothing keeps the last. A rule that is as deployed is offered as it is.
 */
export function offered(path: RulePath, scale: number, gap: number, bonus: number): OfferedPath {
  const most = 1 / (1 + bonus) - MARGIN;
  const { initial, maintenance, limit, riseADay } = path;
  const fall = riseADay / 24;
  const ltv = new Float64Array(maintenance.length);
  let [lastInitial, lastMaintenance] = [Number.NaN, firstOf(maintenance)];
  let standing = Number.NaN;
  const threshold = maintenance.map((given, i) => {
    if (!Number.isNaN(given)) [lastInitial, lastMaintenance] = [initial[i] as number, given];
    const target = Math.max(0, Math.min(most, 1 - scale * lastMaintenance));
    standing = Number.isNaN(standing) ? target : Math.max(target, standing - fall);
    const own = Number.isNaN(lastInitial) ? Number.POSITIVE_INFINITY : 1 - scale * lastInitial;
    ltv[i] = Math.max(0, Math.min(own, Math.min(target, standing) - (path.deployed ? 0 : gap)));
    return standing;
  });
  return { threshold, ltv, limit };
}

function firstOf(values: Float64Array): number {
  return values.find((value) => !Number.isNaN(value)) ?? 1;
}

/**
 * The scale at which a rule offers a mean LTV, to 1e-6, over the origins that `counts`; null when no scale in [0.02, 20]
 * does. The mean falls as the scale rises: regula falsi on the logarithm of the scale, the end that stays given half its
 * weight (the Illinois rule).
 */
export function scaleForLtv(
  path: RulePath,
  target: number,
  gap: number,
  bonus: number,
  counts: (origin: number) => boolean,
): number | null {
  const beyond = (log: number): number => meanWhere(offered(path, Math.exp(log), gap, bonus).ltv, counts) - target;
  let [low, high] = [Math.log(0.02), Math.log(20)];
  let [above, below] = [beyond(low), beyond(high)];
  if (!(above >= 0 && below <= 0)) return null;
  for (let side = 0; above - below > 0; ) {
    const at = (low * below - high * above) / (below - above);
    const here = beyond(at);
    if (Math.abs(here) < 1e-6 || high - low < 1e-9) return Math.exp(at);
    if (here > 0) {
      [low, above] = [at, here];
      if (side === 1) below /= 2;
      side = 1;
    } else {
      [high, below] = [at, here];
      if (side === -1) above /= 2;
      side = -1;
    }
  }
  return Math.exp(low);
}

/** Mean of the values that count; NaN when none does. */
export function meanWhere(values: Float64Array, counts: (index: number) => boolean): number {
  let [sum, n] = [0, 0];
  for (let i = 0; i < values.length; i += 1) {
    if (!counts(i)) continue;
    sum += values[i] as number;
    n += 1;
  }
  return n === 0 ? Number.NaN : sum / n;
}

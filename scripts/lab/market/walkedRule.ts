import type { Walk } from "../validation/backtest/walkForward.ts";
import type { Terms } from "./collateralMarket.ts";
import type { Rule } from "./rules.ts";

/**
 * What one rule of a backtest would have had on chain, hour by hour, as a rule of the market: the keeper's own reasoning and
 * the contract's own limits (`onChain`), or a peer's. A rule with one number gets an LTV of `gap` below its threshold.
 * @param times of the market's steps, Unix seconds; an hour without an entry, or with none of this rule's, keeps the one before
 * @param most highest threshold that can be lent at, 1 / (1 + bonus) less a margin
 * Without a `limit` in tokens of its own it has none.
 */
export function walkedRule(
  name: string,
  walk: Pick<Walk, "time"> & {
    readonly initial: ArrayLike<number>;
    readonly maintenance: ArrayLike<number>;
    readonly limit?: ArrayLike<number>;
  },
  times: Float64Array,
  gap: number,
  most: number,
): Rule {
  let [at, last] = [0, 0];
  return {
    name,
    target({ step }): Terms {
      const time = times[step] as number;
      for (; at < walk.time.length && (walk.time[at] as number) <= time; at += 1) {
        if (!Number.isNaN(walk.maintenance[at])) last = at;
      }
      const [initial, maintenance] = [walk.initial[last] as number, walk.maintenance[last] as number];
      const threshold = Math.min(most, 1 - maintenance);
      const ltv = Number.isNaN(initial) ? threshold - gap : Math.min(1 - initial, threshold);
      return { threshold, ltv: Math.max(0, ltv), limit: walk.limit?.[last] ?? Number.POSITIVE_INFINITY };
    },
  };
}

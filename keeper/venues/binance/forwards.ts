import { median } from "../../domain/median.ts";

/** One option's undiscounted premium in dollars per coin. */
export type Premium = {
  readonly expiry: number;
  readonly strike: number;
  readonly kind: "call" | "put";
  readonly premiumUsd: number;
};

/** Strikes nearest the index that vote on the forward of their expiry. */
const VOTERS = 5;

/**
 * The forward of each expiry in USD by put-call parity of undiscounted premiums, F = K + (C - P): the median over the
 * five strikes nearest the index, where both legs are most liquid and an error in one premium weighs least. Binance
 * sends no forward; taking the index instead biases every volatility by the basis. Expiries without a strike that has
 * both legs are absent.
 * @param indexUsd spot, > 0
 * @example forwardsByParity([call(3000, 90), put(3000, 80)], 3005).get(expiry) // 3010
 */
export function forwardsByParity(premiums: readonly Premium[], indexUsd: number): ReadonlyMap<number, number> {
  const forwards = new Map<number, number>();
  for (const [expiry, options] of Map.groupBy(premiums, (one) => one.expiry)) {
    const votes = [...Map.groupBy(options, (one) => one.strike)]
      .toSorted(([a], [b]) => Math.abs(a - indexUsd) - Math.abs(b - indexUsd) || a - b)
      .flatMap(([strike, legs]) => {
        const call = legs.find((one) => one.kind === "call");
        const put = legs.find((one) => one.kind === "put");
        return call === undefined || put === undefined ? [] : [strike + call.premiumUsd - put.premiumUsd];
      });
    if (votes.length > 0) forwards.set(expiry, median(votes.slice(0, VOTERS)));
  }
  return forwards;
}

import type { MapTick } from "../../scripts/lab/replica/tickMap.ts";

/** Returns the in-range liquidity at `tick`: the sum of the nets at and below it. */
export function liquidityAt(ticks: readonly MapTick[], tick: number): bigint {
  return ticks.reduce((sum, each) => (each.index <= tick ? sum + each.liquidityNet : sum), 0n);
}

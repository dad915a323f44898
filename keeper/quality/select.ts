import type {
  Observation,
  Observed,
  OptionBoard,
  OrderBook,
  PoolMemory,
  PoolState,
  PriceFeedAnswer,
  PriceHistory,
  RoutePool,
  VolatilityIndex,
} from "../domain/observation.ts";

type Kinds = {
  optionBoard: OptionBoard;
  volatilityIndex: VolatilityIndex;
  priceHistory: PriceHistory;
  pool: PoolState;
  priceFeed: PriceFeedAnswer;
  orderBook: OrderBook;
  poolMemory: PoolMemory;
};

/**
 * What was observed of the named source, or null when it was never asked. An observation of another kind under that
 * name counts as not asked.
 */
export function select<K extends keyof Kinds>(
  observed: readonly Observed[],
  kind: K,
  source: string,
): Observed<Kinds[K]> | null {
  const found = observed.find((one) => one.source === source);
  if (found === undefined) return null;
  if (found.observation !== null && found.observation.kind !== kind) return null;
  return found as Observed<Kinds[K]>;
}

const POOL_KINDS: readonly Observation["kind"][] = ["pool", "stableSwapPool", "cryptoSwapPool"];

/** The same for a pool, of whatever kind. */
export function selectPool(observed: readonly Observed[], source: string): Observed<RoutePool> | null {
  const found = observed.find((one) => one.source === source);
  if (found === undefined) return null;
  if (found.observation !== null && !POOL_KINDS.includes(found.observation.kind)) return null;
  return found as Observed<RoutePool>;
}

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

/** Source names, the same in observations, faults, evidence and the status page. */
export const sourceName = {
  /** The venue of boards where a market lists none, and of every index and history. */
  preferredVenue: "deribit",
  options: (currency: string, venue = "deribit") => `${venue}:${currency}:options`,
  index: (currency: string) => `deribit:${currency}:index`,
  history: (instrument: string) => `deribit:${instrument}:history`,
  /** Pools of Uniswap v3 are named without their venue in routes, others with it: "curve:stETH/ETH". */
  pool: (name: string) => (name.includes(":") ? name : `uniswapV3:${name}`),
  /** By "venue:market", as markets list them. */
  book: (name: string) => `${name}:book`,
  /** Of the window `parts` times `partSeconds`. */
  memory: (name: string, { parts, partSeconds }: { readonly parts: number; readonly partSeconds: number }) =>
    `uniswapV3:${name}:memory/${parts}x${partSeconds}`,
  feed: (name: string) => `priceFeed:${name}`,
} as const;

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

/** Sources of all observations in the order given. */
export function sourcesOf(observed: readonly Observed<Observation>[]): readonly string[] {
  return observed.map((one) => one.source);
}

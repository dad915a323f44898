import { lowerMedian } from "../../domain/numbers.ts";
import type { OrderBook, PoolState, PoolToken, RoutePool } from "../../domain/observation.ts";
import type { BookParameters } from "../../domain/parameters.ts";
import { sourceName } from "../../domain/sourceNames.ts";
import { mergedSellCurve, routedSellCurve } from "./combinedSellCurve.ts";
import { curveSellCurve } from "./curveSellCurve.ts";
import { orderBookSellCurve, type SellCurve, shockedSellCurve } from "./sellCurve.ts";
import { v3SellCurve } from "./uniswapV3Curve.ts";

type Kind = RoutePool["kind"];
type PoolOf<K extends Kind> = Extract<RoutePool, { kind: K }>;

/** What a route asks of a kind of pool: its coins, and the curve of selling one for another by their places. */
type KindOfPool<K extends Kind> = {
  coins(pool: PoolOf<K>): readonly PoolToken[];
  sellCurve(pool: PoolOf<K>, sold: number, bought: number): SellCurve;
};

/** Every kind of pool that a route may name. Adding one is one line here, its observation and its reader. */
const KINDS: { readonly [K in Kind]: KindOfPool<K> } = {
  pool: { coins: (pool) => [pool.token0, pool.token1], sellCurve: (pool, sold) => v3SellCurve(pool, sold === 0) },
  stableSwapPool: { coins: (pool) => pool.coins, sellCurve: curveSellCurve },
  cryptoSwapPool: { coins: (pool) => pool.coins, sellCurve: curveSellCurve },
};

/** One pool of a hop with the direction in which the route sells into it. */
type RouteSide = { readonly pool: RoutePool; readonly sold: number; readonly bought: number };

/** Coins of a pool, in the order of its own numbering. */
export function coinsOf<K extends Kind>(pool: PoolOf<K>): readonly PoolToken[] {
  return (KINDS[pool.kind] as KindOfPool<K>).coins(pool);
}

/** Sell curve of a pool, in whole tokens, by the places of the coins sold and bought. */
export function poolCurve<K extends Kind>(pool: PoolOf<K>, sold: number, bought: number): SellCurve {
  return (KINDS[pool.kind] as KindOfPool<K>).sellCurve(pool, sold, bought);
}

/** Whether two names mean one token. Ether and its wrapper are one: wrapping is free, and Curve's pools hold ether itself. */
export function sameSymbol(a: string, b: string): boolean {
  return plain(a) === plain(b);
}

function plain(symbol: string): string {
  return symbol === "ETH" ? "WETH" : symbol;
}

/**
 * The direction in which every pool of a route is sold into, hop by hop, or null where a hop has no pool, a pool does not
 * hold what arrives, or the pools of a hop buy nothing in common that the next hop takes. A pool of several coins buys
 * the first of them that does.
 */
export function routeSides(
  route: readonly (readonly RoutePool[])[],
  symbol: string,
): readonly (readonly RouteSide[])[] | null {
  const hops: RouteSide[][] = [];
  let selling = symbol;
  for (const [at, pools] of route.entries()) {
    const bought = boughtIn(pools, selling, route[at + 1]);
    if (bought === null) return null;
    hops.push(pools.map((pool) => ({ pool, sold: placeOf(pool, selling), bought: placeOf(pool, bought) })));
    selling = bought;
  }
  return hops.length === 0 ? null : hops;
}

function boughtIn(pools: readonly RoutePool[], selling: string, next: readonly RoutePool[] | undefined): string | null {
  const [first] = pools;
  if (first === undefined || pools.some((pool) => placeOf(pool, selling) < 0)) return null;
  const offered = coinsOf(first)
    .map((coin) => coin.symbol)
    .filter((symbol) => !sameSymbol(symbol, selling) && pools.every((pool) => placeOf(pool, symbol) >= 0));
  const taken = offered.find((symbol) => (next ?? []).every((pool) => placeOf(pool, symbol) >= 0));
  return taken ?? null;
}

function placeOf(pool: RoutePool, symbol: string): number {
  return coinsOf(pool).findIndex((coin) => sameSymbol(coin.symbol, symbol));
}

/** Depth of a route now and after a fall of the price, USD at the price before the fall. */
type StressedMarketDepth = {
  readonly nowUsd: number;
  /** The least over which hop the fall happens in, liquidity providers unmoved. */
  readonly shockedUsd: number;
  /** Mid price of the route now, in its last token. */
  readonly priceQuote: number;
};

/**
 * What a route takes at an average slippage of `maxSlippage` now, and after the collateral's price fell by `loss` in any
 * one of its hops (a wrapped coin may lose its peg in the first, or fall with its ether pair in the last): a liquidation
 * sells into the book that is left *below* the fall. Valued at the price before it, so that the two compare as amounts of
 * collateral. Null when a hop has no pool, or a pool does not trade what reaches its hop.
 * @param route pools per hop from the collateral to a dollar token  @param symbol token sold first
 * @param maxSlippage fraction, fees included  @param loss fraction of the price in [0, 1)
 * @param curveOf `poolCurve`, or one that shares its curves with other markets
 */
export function stressedMarketDepth(
  route: readonly (readonly RoutePool[])[],
  symbol: string,
  maxSlippage: number,
  loss: number,
  curveOf: typeof poolCurve = poolCurve,
): StressedMarketDepth | null {
  const hops = routeSides(route, symbol)?.map((sides) =>
    sides.map((side) => curveOf(side.pool, side.sold, side.bought)),
  );
  if (hops === undefined) return null;
  const calm = routedSellCurve(hops.map((curves) => mergedSellCurve(curves)));
  if (!(calm.priceQuote > 0)) return null;
  const shocked = hops.map((_, fallen) => {
    const after = hops.map((curves, hop) =>
      mergedSellCurve(hop === fallen ? curves.map((curve) => shockedSellCurve(curve, loss)) : curves),
    );
    return routedSellCurve(after).capacity(maxSlippage) * calm.priceQuote;
  });
  return {
    nowUsd: calm.capacity(maxSlippage) * calm.priceQuote,
    shockedUsd: Math.min(...shocked),
    priceQuote: calm.priceQuote,
  };
}

const Q96 = 2 ** 96;

/**
 * Mid price of the collateral in the last token of the route (a dollar token), or null when a hop is empty or does not
 * hold the token it should sell. Hop by hop; of several Uniswap pools in one hop the one with the most in-range liquidity
 * counts, with a pool of another kind among them the median weighted by depth. Float accuracy (about 1e-15), before fees.
 */
export function routePrice(route: readonly (readonly RoutePool[])[], symbol: string): number | null {
  const hops = routeSides(route, symbol);
  if (hops === null) return null;
  const price = hops.reduce((product, sides) => product * hopPrice(sides), 1);
  return Number.isFinite(price) && price > 0 ? price : null;
}

function hopPrice(sides: readonly RouteSide[]): number {
  const ranges = sides.flatMap(({ pool, sold }) => (pool.kind === "pool" ? [{ pool, sold }] : []));
  if (ranges.length < sides.length)
    return mergedSellCurve(sides.map((side) => poolCurve(side.pool, side.sold, side.bought))).priceQuote;
  let best: (typeof ranges)[number] | undefined;
  for (const one of ranges) if (best === undefined || one.pool.liquidity > best.pool.liquidity) best = one;
  if (best === undefined) return 0;
  return best.sold === 0 ? ratioOf(best.pool) : 1 / ratioOf(best.pool);
}

/** Token1 per token0, whole tokens. */
function ratioOf({ sqrtPriceX96, token0, token1 }: PoolState): number {
  return (Number(sqrtPriceX96) / Q96) ** 2 * 10 ** (token0.decimals - token1.decimals);
}

/**
 * What order books add to the depth of a route, USD at the price before the fall: each book's share `weight` by itself at
 * the same average slippage, measured from its own middle or the route's price, whichever is higher; of every book at most
 * the lower median of all that are listed, a missing one counting as empty; and together at most `mostOfPools` times what
 * the pools take. So one wrong book of three adds no more than the next one holds, losing one never adds, and pools that are
 * gone take the books with them. After a fall only what lay below it counts, as in pools.
 * @param pools of the route at the same slippage and fall  @param books accepted ones, any order
 */
export function bookDepth(
  pools: StressedMarketDepth,
  books: readonly OrderBook[],
  parameters: BookParameters,
  maxSlippage: number,
  loss: number,
): { readonly nowUsd: number; readonly shockedUsd: number } {
  const { markets, weight, takerFee, mostOfPools } = parameters;
  const listed = markets.map((name) => books.find((book) => book.source === sourceName.book(name)) ?? null);
  const sum = (capacityOf: (curve: SellCurve, reference: number) => number, poolsUsd: number): number => {
    const each = listed.map((book) => {
      if (book === null) return 0;
      const curve = orderBookSellCurve(book, takerFee, weight);
      return pools.priceQuote * capacityOf(curve, Math.max(curve.priceQuote, pools.priceQuote));
    });
    const middle = lowerMedian(each) ?? 0;
    const agreed = each.reduce((total, usd) => total + Math.min(usd, middle), 0);
    return Math.min(agreed, mostOfPools * poolsUsd);
  };
  const now = (curve: SellCurve, reference: number) => mergedSellCurve([curve], reference).capacity(maxSlippage);
  const fallen = (curve: SellCurve, reference: number) =>
    mergedSellCurve([shockedSellCurve(curve, loss)], reference * (1 - loss)).capacity(maxSlippage);
  return { nowUsd: sum(now, pools.nowUsd), shockedUsd: sum(fallen, pools.shockedUsd) };
}

import type { PoolToken, RoutePool } from "../../domain/observation.ts";
import { curveSellCurve } from "./curveSellCurve.ts";
import type { SellCurve } from "./sellCurve.ts";
import { v3SellCurve } from "./v3SellCurve.ts";

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
export type RouteSide = { readonly pool: RoutePool; readonly sold: number; readonly bought: number };

/** Coins of a pool, in the order of its own numbering. */
export function coinsOf<K extends Kind>(pool: PoolOf<K>): readonly PoolToken[] {
  return (KINDS[pool.kind] as KindOfPool<K>).coins(pool);
}

/** Sell curve of a side, in whole tokens. */
export function sideCurve<K extends Kind>({ pool, sold, bought }: RouteSide & { readonly pool: PoolOf<K> }): SellCurve {
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
 * @param symbol token sold first
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

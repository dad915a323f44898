import { TonsorError } from "../domain/errors.ts";
import type { Observed, RoutePool } from "../domain/observation.ts";
import type { Block, Rpc } from "../io/rpc.ts";
import { POOL_VENUES, type ReadPools } from "../venues/poolRegistry.ts";
import type { PoolRef } from "../venues/uniswapV3/uniswapV3.ts";

/** Where a route names a pool without its venue. */
const DEFAULT_VENUE = "uniswapV3";

/** Source name of a pool by its name in a route. @example poolSource("USDC/WETH-0.05%") // "uniswapV3:USDC/WETH-0.05%" */
export function poolSource(name: string): string {
  return name.includes(":") ? name : `${DEFAULT_VENUE}:${name}`;
}

/** Name in a route of the pool that a source name means; null for a source that is no pool. */
export function poolNamed(source: string): string | null {
  const [venue = "", name = "", ...rest] = source.split(":");
  if (!(venue in POOL_VENUES) || rest.length > 0) return null;
  return venue === DEFAULT_VENUE ? name : source;
}

/**
 * Reader of pools by their names in routes, each by its venue's own, at one block.
 * @param refOf address of a pool by its name in a route
 */
export function openPools(
  rpc: Rpc,
  refOf: (name: string) => PoolRef,
): (names: readonly string[], block: Block, signal?: AbortSignal) => Promise<readonly Observed<RoutePool>[]> {
  const readers = new Map<string, ReadPools>();
  const readerOf = (venue: string): ReadPools => {
    const open = POOL_VENUES[venue as keyof typeof POOL_VENUES];
    if (open === undefined) throw unknownVenue(venue);
    const reader = readers.get(venue) ?? open(rpc);
    readers.set(venue, reader);
    return reader;
  };
  return async (names, block, signal) => {
    const wanted = Map.groupBy(names, (name) => poolSource(name).split(":")[0] ?? "");
    const read = [...wanted].map(([venue, named]) => {
      const read = readerOf(venue);
      const refs = named.map((name) => ({ ...refOf(name), name: poolSource(name).slice(venue.length + 1) }));
      return read(refs, block, signal);
    });
    return (await Promise.all(read)).flat();
  };
}

function unknownVenue(given: string): TonsorError {
  const expected = `one of ${Object.keys(POOL_VENUES).join(", ")}`;
  return new TonsorError("BAD_CONFIG", `no venue of pools is called ${given}`, {
    field: "sources.route",
    given,
    expected,
  });
}

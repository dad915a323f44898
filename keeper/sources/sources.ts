import type { Hex } from "../domain/batch.ts";
import { TonsorError } from "../domain/errors.ts";
import type { Observed } from "../domain/observation.ts";
import type { MarketParameters, MarketSources } from "../domain/parameters.ts";
import type { Block, Rpc } from "../io/rpc.ts";
import { feedDescription } from "../markets/registry.ts";
import type { Deployment } from "../protocols/deployment.ts";
import type { BoardSource, OptionsSource } from "../venues/optionsVenue.ts";
import { type FeedRef, readPriceFeeds } from "../venues/priceFeed.ts";
import type { PoolRef } from "../venues/uniswapV3/uniswapV3.ts";
import { memoryNamed, memorySource, readPoolMemory } from "../venues/uniswapV3/uniswapV3Memory.ts";
import type { BookVenues } from "./furtherVenues.ts";
import { openPools, poolNamed, poolSource } from "./pools.ts";

/** Gives index and histories, and boards where a market lists no venues. */
const PREFERRED_VENUE = "deribit";
/** Days of hourly candles: filtered historical simulation wants 500. */
const HISTORY_DAYS = 550;

/** Looks at every source that the markets name, each one once, at one block and one moment. */
type Sources = (
  markets: readonly MarketParameters[],
  block: Block,
  now: number,
  signal: AbortSignal,
) => Promise<ReadonlyMap<string, readonly Observed[]>>;

/** Boards of further venues, by the names in `sources.optionVenues`. */
export type FurtherVenues = Readonly<Record<string, BoardSource>>;

/**
 * Joins the venues to the markets: what several markets share is read once.
 * @param venue the preferred one, which gives index and histories too
 * @param further every other options venue that a market lists
 * @param books every venue of order books that a market lists
 */
export function openSources(
  venue: OptionsSource,
  rpc: Rpc,
  deployment: Deployment,
  further: FurtherVenues = {},
  books: BookVenues = {},
): Sources {
  const readPools = openPools(rpc, (name) => addressOf("pools", name, deployment));
  return async (markets, block, now, signal) => {
    const wanted = wants(markets);
    const [boards, indices, histories, states, feeds, orderBooks, memories] = await Promise.all([
      Promise.all(
        wanted.boards.map(({ currency, name }) => venueNamed(name, venue, further).readOptionBoard(currency, signal)),
      ),
      all(wanted.indices, (currency) => venue.readVolatilityIndex(currency, now, undefined, signal)),
      all(wanted.histories, (instrument) => venue.readPriceHistory(instrument, now, HISTORY_DAYS, signal)),
      readPools(wanted.pools, block, signal),
      readPriceFeeds(
        rpc,
        wanted.feeds.map((name) => feedNamed(name, deployment)),
        block,
        signal,
      ),
      Promise.all(wanted.books.map((name) => readBook(name, books, signal))),
      all(wanted.memories, (source) => readMemory(source, rpc, deployment, block, signal)),
    ]);
    const seen: readonly Observed[] = [
      ...boards,
      ...indices,
      ...histories,
      ...states,
      ...feeds,
      ...orderBooks,
      ...memories,
    ];
    return new Map(markets.map((market) => [market.name, forMarket(market, seen)]));
  };
}

/** Pools and feeds by their source names, at one block; sources of other kinds are left out. */
export async function readChainSources(
  names: readonly string[],
  block: Block,
  { rpc, deployment }: { readonly rpc: Rpc; readonly deployment: Deployment },
): Promise<readonly Observed[]> {
  const feeds = names.filter((name) => name.startsWith("priceFeed:")).map((name) => name.slice("priceFeed:".length));
  const readPools = openPools(rpc, (name) => addressOf("pools", name, deployment));
  const pools = await readPools(
    names.flatMap((name) => poolNamed(name) ?? []),
    block,
  );
  const refs = feeds.map((name) => feedNamed(name, deployment));
  const remembering = names.filter((name) => memoryNamed(name) !== null);
  const memories = await all(remembering, (source) => readMemory(source, rpc, deployment, block));
  return [...pools, ...memories, ...(await readPriceFeeds(rpc, refs, block))];
}

function wants(markets: readonly MarketParameters[]) {
  const unique = (names: readonly (string | null)[]): string[] => [...new Set(names.filter((name) => name !== null))];
  const sources = markets.map((market) => market.sources);
  const boards = unique(sources.flatMap(boardSources)).map((source) => {
    const [name = "", currency = ""] = source.split(":");
    return { name, currency };
  });
  return {
    boards,
    indices: unique(sources.map((source) => source.options ?? source.transferFrom)),
    histories: unique(sources.flatMap((source) => [source.history, source.transferHistory])),
    pools: unique(sources.flatMap((source) => source.route.flat())),
    feeds: unique(sources.map((source) => source.priceFeed)),
    memories: unique(markets.flatMap(memorySources)),
    books: unique(markets.flatMap((market) => market.books?.markets ?? [])),
  };
}

/** Source names of every board that a market asks for. */
function boardSources(sources: MarketSources): readonly string[] {
  const currencies = [sources.options, sources.transferFrom].filter((name) => name !== null);
  const venues = sources.optionVenues ?? [PREFERRED_VENUE];
  return currencies.flatMap((currency) => venues.map((venue) => `${venue}:${currency}:options`));
}

function venueNamed(name: string, preferred: OptionsSource, further: FurtherVenues): BoardSource {
  const found = name === PREFERRED_VENUE ? preferred : further[name];
  if (found !== undefined) return found;
  throw new TonsorError("BAD_CONFIG", `no options venue ${name} was opened`, {
    field: "sources.optionVenues",
    given: name,
    expected: `one of ${[PREFERRED_VENUE, ...Object.keys(further)].join(", ")}`,
  });
}

/** The observations that a market names; the sources' names are those of `quality/select.ts`. */
function forMarket(market: MarketParameters, seen: readonly Observed[]): readonly Observed[] {
  const { sources, books } = market;
  const listed = [sources.options, sources.transferFrom].filter((name) => name !== null);
  const names = new Set([
    ...boardSources(sources),
    ...listed.map((currency) => `deribit:${currency}:index`),
    ...[sources.history, sources.transferHistory].map((instrument) => `deribit:${instrument}:history`),
    ...sources.route.flat().map(poolSource),
    `priceFeed:${sources.priceFeed}`,
    ...(books?.markets ?? []).map((name) => `${name}:book`),
    ...memorySources(market),
  ]);
  return seen.filter((one) => names.has(one.source));
}

/** Source names of what a market's Uniswap pools remember, where it asks for that. */
function memorySources({ sources, poolMemory }: MarketParameters): readonly string[] {
  if (poolMemory === undefined) return [];
  return sources.route
    .flat()
    .filter((name) => !name.includes(":"))
    .map((name) => memorySource(name, poolMemory));
}

function readMemory(source: string, rpc: Rpc, deployment: Deployment, block: Block, signal?: AbortSignal) {
  const named = memoryNamed(source);
  if (named === null) throw new TonsorError("BAD_ARGUMENT", `${source} is no memory of a pool`);
  return readPoolMemory(rpc, addressOf("pools", named.name, deployment), block, named.window, signal);
}

async function readBook(name: string, venues: BookVenues, signal: AbortSignal): Promise<Observed> {
  const [venue = "", market = ""] = name.split(":");
  const source = venues[venue];
  if (source !== undefined) return await source.readOrderBook(market, signal);
  throw new TonsorError("BAD_CONFIG", `no venue of order books ${venue} was opened`, {
    field: "books.markets",
    given: name,
    expected: `one of ${Object.keys(venues).join(", ")}`,
  });
}

function feedNamed(name: string, deployment: Deployment): FeedRef {
  const description = feedDescription(name);
  return { ...addressOf("feeds", name, deployment), ...(description === undefined ? {} : { description }) };
}

function addressOf(kind: "pools" | "feeds", name: string, deployment: Deployment): PoolRef {
  const address = deployment.sources[kind][name];
  if (address !== undefined) return { name, address: address as Hex };
  throw new TonsorError("BAD_CONFIG", `the deployment names no address for ${name}`, {
    field: `sources.${kind}.${name}`,
    expected: `one of ${Object.keys(deployment.sources[kind]).join(", ")}`,
  });
}

function all<T>(names: readonly string[], read: (name: string) => Promise<T>): Promise<T[]> {
  return Promise.all(names.map(read));
}

import type { Hex } from "../domain/contract.ts";
import type { Look } from "../domain/cycle.ts";
import { ownError, TonsorError } from "../domain/errors.ts";
import { type Fault, type FaultCode, fault } from "../domain/fault.ts";
import type { Observed, PricePast } from "../domain/observation.ts";
import type { MarketParameters } from "../domain/parameters.ts";
import { parseSourceName, routeName, type SourceMeaning, sourceName, sourcesOf } from "../domain/sourceNames.ts";
import type { Block, Rpc } from "../io/rpc.ts";
import type { Deployment } from "../protocols/deployment.ts";
import type { LenderReader } from "../protocols/lenderReader.ts";
import type { ChainReader } from "../protocols/readMarkets.ts";
import { type Connection, connect } from "../venues/connection.ts";
import { type FeedRef, readExchangeRate, readPriceFeeds } from "../venues/priceFeed.ts";
import { VENUES } from "../venues/registry.ts";
import { readPoolMemory } from "../venues/uniswapV3/uniswapV3.ts";
import type { PoolRef, ReadPools, SeriesMemory, VenueShare } from "../venues/venue.ts";
import type { Offer, VenueRegistry } from "../venues/venueRegistry.ts";
import { openPasts, type ReadCandles, type Remembered } from "./pasts.ts";

/** Days of hourly candles: forecasts want 210. What lies before them is kept as their past, where there is a memory. */
const HISTORY_DAYS = 550;
/** In the order in which a market's observations are stored. */
const KINDS = ["board", "index", "history", "pool", "feed", "book", "memory", "rate"] as const;
const ON_CHAIN: readonly Kind[] = ["pool", "feed", "memory", "rate"];
/** What a venue is named for by a source, in the registry and in words, and the field of a market that names it. */
const NAMED_FOR = {
  board: { offer: "board", words: "options boards", field: "sources.optionVenues" },
  index: { offer: "history", words: "a volatility index", field: "sources.options" },
  history: { offer: "history", words: "candles", field: "sources.history" },
  book: { offer: "book", words: "order books", field: "books.markets" },
  pool: { offer: "pools", words: "pools", field: "sources.route" },
} as const satisfies Partial<Record<Kind, { offer: Offer; words: string; field: string }>>;

type Kind = SourceMeaning["kind"];
type Meaning<K extends Kind> = Extract<SourceMeaning, { readonly kind: K }> & { readonly source: string };
/** When a source is read: pools and feeds at the block, series up to `now`. */
type At = { readonly block: Block; readonly now: number; readonly signal?: AbortSignal; readonly deadlineMs?: number };
type Readers = { readonly [K in Kind]: (sources: readonly Meaning<K>[], at: At) => Promise<readonly Observed[]> };

/** What sources are read with. */
type SourceParts = {
  readonly rpc: Rpc;
  /** Addresses of pools, feeds and exchange rates. */
  readonly deployment: Pick<Deployment, "sources">;
  /** What feeds say of themselves, see `feedDescriptions`; of one that is not in it nothing is expected. */
  readonly feedSays: ReadonlyMap<string, string>;
  /** Absent: every venue there is. */
  readonly venues?: VenueRegistry;
  /** Addresses by the registry's `urlNames`; absent: each venue's own. */
  readonly urls?: Readonly<Record<string, string>>;
  /** Where histories outlive the process; absent: nowhere. */
  readonly memory?: SeriesMemory;
  /** What is shared with the other chains of the process; absent: nothing. */
  readonly share?: VenueShare;
  /** What a tick may take: no source is waited for longer than a third of it. Absent: as long as the signal allows. */
  readonly softTimeoutSeconds?: number;
};

/** Reads every source that the markets name, each one once, at one block and one time; by market name. */
type Sources = (
  markets: readonly MarketParameters[],
  block: Block,
  now: number,
  signal: AbortSignal,
) => Promise<ReadonlyMap<string, readonly Observed[]>>;

/**
 * Joins the venues to the markets: what several markets share is read once. A venue is opened when a market first names
 * it, and then kept.
 * @throws TonsorError BAD_CONFIG (on reading) for a venue that does not offer what a market names it for, and for a pool,
 * feed or exchange rate without an address
 */
export function openSources(parts: SourceParts): Sources {
  const { readers, candlesOf } = openReaders(parts);
  const pasts = parts.memory === undefined ? null : openPasts(candlesOf, parts.memory, HISTORY_DAYS);
  return async (markets, block, now, signal) => {
    const named = new Map(markets.map((market) => [market.name, Object.values(sourcesOf(market)).flat(2)]));
    // Then there is time left to decide, simulate and send.
    const deadlineMs = parts.softTimeoutSeconds === undefined ? undefined : (parts.softTimeoutSeconds * 1_000) / 3;
    const until =
      deadlineMs === undefined
        ? { signal }
        : { deadlineMs, signal: AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]) };
    const found = await read([...named.values()].flat(), readers, { block, now, ...until });
    const faults = (await pasts?.step(remembered(markets), now, until.signal)) ?? [];
    const observed = found.map((one) => withPast(one, pasts?.of(one.source, now), faults));
    return new Map(
      [...named].map(([market, sources]) => [market, observed.filter(({ source }) => sources.includes(source))]),
    );
  };
}

/** Pools, their memories, feeds and exchange rates by their source names, at one block; sources of other kinds are left out. */
export async function readChainSources(
  names: readonly string[],
  block: Block,
  parts: SourceParts,
): Promise<readonly Observed[]> {
  const onChain = names.filter((name) => ON_CHAIN.includes(parseSourceName(name)?.kind ?? "board"));
  return await read(onChain, openReaders(parts).readers, { block, now: block.timestamp });
}

/**
 * Looks at the contract and at every source that the markets name. The block is asked for first; then contract, pools and
 * feeds, and the lenders, are read at it in one turn, so that they travel together.
 * @throws TonsorError RPC_FAILED, NO_QUORUM, WRONG_CHAIN, NOT_DEPLOYED; as `openSources` does
 */
export async function look(
  { rpc, chain, sources, lenders, now }: LookParts,
  markets: readonly MarketParameters[],
  signal: AbortSignal,
): Promise<Look> {
  const block = await rpc.block("latest", signal);
  const [view, observed, read] = await Promise.all([
    chain.read(markets, block, signal),
    sources(markets, block, now(), signal),
    lenders(block.number, signal),
  ]);
  return { chain: view, observed, lenders: read };
}

type LookParts = {
  readonly rpc: Rpc;
  readonly chain: ChainReader;
  readonly sources: Sources;
  readonly lenders: LenderReader;
  /** Unix seconds. */
  readonly now: () => number;
};

/** A reader that heeds its signal ends by itself, with what it has; this much later it is left behind. */
const GRACE_MS = 1_000;

/**
 * What a read of these sources gives; when it neither ends nor fails within the deadline, or breaks on what it was
 * answered, each of them has a fault instead. So no source can hold a tick or end it, whatever it does.
 * @throws TonsorError whatever the read throws of ours: a chain or a configuration that makes every number meaningless
 */
async function answered(
  sources: readonly { readonly source: string }[],
  { deadlineMs }: At,
  reading: Promise<readonly Observed[]>,
): Promise<readonly Observed[]> {
  const without = (code: FaultCode, why: string) =>
    sources.map(({ source }): Observed => ({ source, observation: null, faults: [fault(code, source, why)] }));
  const settled = reading.catch((error: unknown) => {
    if (ownError(error) !== null) throw error;
    return without("SCHEMA", `an answer that its reader cannot take: ${String(error).slice(0, 200)}`);
  });
  if (deadlineMs === undefined) return settled;
  const late = Promise.withResolvers<readonly Observed[]>();
  const why = `no answer within ${deadlineMs / 1_000} s`;
  const timer = setTimeout(() => late.resolve(without("UNREACHABLE", why)), deadlineMs + GRACE_MS);
  return Promise.race([settled, late.promise]).finally(() => clearTimeout(timer));
}

async function read(names: readonly string[], readers: Readers, at: At): Promise<readonly Observed[]> {
  const meanings = [...new Set(names)].flatMap((source) => {
    const meaning = parseSourceName(source);
    return meaning === null ? [] : [{ ...meaning, source }];
  });
  const readKind = <K extends Kind>(kind: K) =>
    readers[kind](
      meanings.filter((one): one is Meaning<K> => one.kind === kind),
      at,
    );
  return (await Promise.all(KINDS.map((kind) => readKind(kind)))).flat();
}

/** Histories by which maintenance goes: of prices and of claims' ratios. */
function remembered(markets: readonly MarketParameters[]): readonly Remembered[] {
  const all = markets.flatMap(({ sources, quality, claim }) => [
    { name: sources.history, others: sources.otherHistories ?? [], quality },
    ...(claim?.history === undefined ? [] : [{ name: claim.history, others: [], quality }]),
  ]);
  const bySource = new Map(
    all.map(({ name, others, quality }) => {
      const source = sourceName.history(name);
      return [source, { source, others: others.map(sourceName.history), quality }] as const;
    }),
  );
  return [...bySource.values()];
}

function withPast(one: Observed, before: PricePast | undefined, all: readonly Fault[]): Observed {
  const { observation } = one;
  if (observation?.kind !== "priceHistory") return one;
  const faults = all.filter(({ source }) => source === one.source);
  const known = before === undefined ? observation : { ...observation, before };
  return { ...one, observation: known, faults: [...one.faults, ...faults] };
}

function openReaders({ rpc, deployment, feedSays, venues = VENUES, urls = {}, memory, share }: SourceParts) {
  const connections = new Map<string, Connection>();
  const poolReaders = new Map<string, ReadPools>();
  const at = (id: string): Connection => {
    const venue = venues.byId.get(id);
    if (venue?.api === undefined) return {};
    const settings = { baseUrl: urls[id], spotUrl: urls[`${id}Spot`], memory, share };
    return kept(connections, id, () => connect(venue, settings));
  };
  const poolsAt = (id: string): ReadPools | undefined => {
    const open = venues.byId.get(id)?.pools;
    return open && kept(poolReaders, id, () => open(rpc));
  };
  /** @throws TonsorError BAD_CONFIG where the venue does not offer it */
  const offered = <Read>(read: Read | undefined, { kind, venue }: Meaning<keyof typeof NAMED_FOR>): Read => {
    if (read !== undefined) return read;
    const { offer, words, field } = NAMED_FOR[kind];
    const expected = `one of ${venues.offering(offer).join(", ")}`;
    throw new TonsorError("BAD_CONFIG", `no venue called ${venue} offers ${words}`, { field, given: venue, expected });
  };
  const candlesOf: ReadCandles = async (source, end, days, signal) => {
    const one = parseSourceName(source) as Meaning<"history">;
    return await offered(at(one.venue).history?.candles, one)(one.name, end, days, signal);
  };
  const readers: Readers = {
    board: each((one, { signal }) => offered(at(one.venue).board, one)(one.name, signal)),
    index: each((one, { now, signal }) => offered(at(one.venue).history?.index, one)(one.name, now, undefined, signal)),
    history: each(({ source }, { now, signal }) => candlesOf(source, now, HISTORY_DAYS, signal)),
    async pool(sources, at) {
      const { block, signal } = at;
      const reads = [...Map.groupBy(sources, ({ venue }) => venue).values()].map((pools) => {
        const [first] = pools as [Meaning<"pool">];
        const readPools = offered(poolsAt(first.venue), first);
        const refs = pools.map(({ venue, name }) => ({
          ...addressOf("pools", routeName(venue, name), deployment),
          name,
        }));
        return answered(pools, at, readPools(refs, block, signal));
      });
      return (await Promise.all(reads)).flat();
    },
    async feed(sources, at) {
      const feeds = sources.map(({ name }): FeedRef => {
        const description = feedSays.get(name);
        return { ...addressOf("feeds", name, deployment), ...(description === undefined ? {} : { description }) };
      });
      return answered(sources, at, readPriceFeeds(rpc, feeds, at.block, at.signal));
    },
    book: each((one, { signal }) => offered(at(one.venue).book, one)(one.name, signal)),
    memory: each(({ name, window }, { block, signal }) =>
      readPoolMemory(rpc, addressOf("pools", name, deployment), block, window, signal),
    ),
    rate: each(({ name, getter }, { block, signal }) =>
      readExchangeRate(rpc, { ...addressOf("rates", name, deployment), getter }, block, signal),
    ),
  };
  return { readers, candlesOf };
}

function each<K extends Kind>(readOne: (source: Meaning<K>, at: At) => Promise<Observed>) {
  return async (sources: readonly Meaning<K>[], at: At) => {
    const reads = sources.map((one) => answered([one], at, Promise.all([readOne(one, at)])));
    return (await Promise.all(reads)).flat();
  };
}

/** What is kept under a key, opened when it is first asked for. */
function kept<T>(known: Map<string, T>, key: string, open: () => T): T {
  const found = known.get(key) ?? open();
  known.set(key, found);
  return found;
}

function addressOf(kind: "pools" | "feeds" | "rates", name: string, deployment: SourceParts["deployment"]): PoolRef {
  const known = deployment.sources[kind] ?? {};
  const address = known[name];
  if (address !== undefined) return { name, address: address as Hex };
  throw new TonsorError("BAD_CONFIG", `the deployment names no address for ${name}`, {
    field: `sources.${kind}.${name}`,
    expected: `one of ${Object.keys(known).join(", ")}`,
  });
}

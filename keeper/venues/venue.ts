import type { Hex } from "viem";
import type { Fault } from "../domain/fault.ts";
import type {
  Observation,
  Observed,
  OptionBoard,
  OrderBook,
  PriceHistory,
  RoutePool,
  VolatilityIndex,
} from "../domain/observation.ts";
import type { RateLimit } from "../io/rateLimit.ts";
import type { Block, Rpc } from "../io/rpc.ts";

/**
 * One venue. It offers what it has: markets may name it for that and for nothing else. No read throws for what the venue
 * does: every answer is an observation, or null with named faults.
 */
export type Venue = {
  /** First part of its source names and its name in market files and VENUE_URLS: letters and digits. */
  readonly id: string;
  /** Its public HTTP API; needed for a board, a book or a history. */
  readonly api?: Api;
  readonly board?: (ask: Ask) => ReadBoard;
  readonly book?: (ask: Ask) => ReadBook;
  readonly history?: (ask: Ask, memory: SeriesMemory | undefined) => History;
  /** Pools on chain, read at one block through a node. */
  readonly pools?: (rpc: Rpc) => ReadPools;
};

/** A public HTTP API: where it is, and how it wants to be asked. */
export type Api = {
  /** Base address without a trailing slash; VENUE_URLS replaces it by the venue's id. */
  readonly url: string;
  /** Base address of its order books and candles where that is another; VENUE_URLS replaces it by the id and "Spot". */
  readonly spotUrl?: string;
  /** The documented limit, in requests. */
  readonly rateLimit: RateLimit;
  /** How long to rest after an answer of `status` whose body begins with `head`, when it names no time; 0: not at all. */
  readonly restMs: (status: number, head: string) => number;
  /** Opens the envelope of an answer. Its VENUE_ERROR names why a status other than 200 was sent. */
  readonly open: (body: string, source: string) => { readonly fault: Fault } | object;
};

/** Asks for a path below the base address. The body is not opened unless the venue refused. */
export type Ask = (
  path: string,
  parameters: Readonly<Record<string, string | number>>,
  source: string,
  signal: AbortSignal | undefined,
) => Promise<{ readonly body: string } | { readonly fault: Fault }>;

/** Every option of one currency, e.g. "ETH", prices in coin. */
export type ReadBoard = (currency: string, signal?: AbortSignal) => Promise<Observed<OptionBoard>>;

/**
 * The order book of one market by the venue's own name, as deep as one request goes.
 * @throws TonsorError BAD_ARGUMENT where the name is not one of a market whose sizes can be read
 */
export type ReadBook = (market: string, signal?: AbortSignal) => Promise<Observed<OrderBook>>;

/**
 * Series, of which each read asks only for what is new. `now` is Unix seconds by the keeper's clock, `days` how far back
 * a series reaches.
 */
export type History = {
  /** Hourly candles of one instrument, e.g. "ETH-PERPETUAL". Default 400 days. */
  readonly candles?: (
    instrument: string,
    now: number,
    days?: number,
    signal?: AbortSignal,
  ) => Promise<Observed<PriceHistory>>;
  /** Hourly closes of the venue's volatility index of one currency. Default 30 days. */
  readonly index?: (
    currency: string,
    now: number,
    days?: number,
    signal?: AbortSignal,
  ) => Promise<Observed<VolatilityIndex>>;
};

/** A pool by the venue's own name, e.g. "USDC/WETH-0.05%", and its address. */
export type PoolRef = { readonly name: string; readonly address: Hex };

/**
 * Pools at one block, in the order given. A pool that cannot be read costs only itself.
 * @throws TonsorError WRONG_CHAIN, for then nothing that was read means anything
 */
export type ReadPools = (
  pools: readonly PoolRef[],
  block: Block,
  signal?: AbortSignal,
) => Promise<readonly Observed<RoutePool>[]>;

/** Closed bars that outlive the process, by the name of their series. Neither of the two throws. */
export type SeriesMemory = {
  /** What was kept last under this name, unchecked; null when there is nothing. */
  recall(name: string): Promise<unknown>;
  /** Keeps the points in place of what was kept under this name. */
  keep(name: string, points: readonly (readonly number[])[]): Promise<void>;
};

/** What one chain shares with the others of its process. */
export type VenueShare = {
  /** The way to ask at an address: one for all chains, so that they keep one rate limit; `open` makes it for the first. */
  ask(baseUrl: string, open: () => Ask): Ask;
  /** What `read` gives, or what another chain has read under this key. */
  read<T>(key: string, read: () => Promise<T>, rules: SharedRead<T>): Promise<T>;
  /** The same reads at one address, shared; several requests of one read stay together. */
  named<T extends Observation>(baseUrl: string, sourceOf: (name: string) => string, read: ReadNamed<T>): ReadNamed<T>;
  /** The same way to ask, its answers shared: for pages that can be put together from different times, as closed bars can. */
  pages(baseUrl: string, ask: Ask): Ask;
};

type ReadNamed<T extends Observation> = (name: string, signal?: AbortSignal) => Promise<Observed<T>>;

/** How one read is shared. */
export type SharedRead<T> = {
  /** It is no answer: the next who asks reads anew. */
  readonly failed: (value: T) => boolean;
  readonly signal: AbortSignal | undefined;
  /** What a chain gets that gives up by its signal. The read goes on: another may wait for it, and it has a deadline of its own. */
  readonly aborted: () => T;
};

/** How to reach a venue; everything has a default. */
export type VenueSettings = {
  /** In place of the API's `url`, e.g. a replay venue. */
  readonly baseUrl?: string | undefined;
  /** In place of the API's `spotUrl`. */
  readonly spotUrl?: string | undefined;
  /** For one request, milliseconds. */
  readonly timeoutMs?: number;
  /** Largest body, bytes. */
  readonly maxBytes?: number;
  /** Default: the venue's documented limit, and practically none on loopback. */
  readonly rateLimit?: RateLimit;
  /** Where series outlive the process; absent: nowhere. */
  readonly memory?: SeriesMemory | undefined;
  /** What it shares with the other chains of the process; absent: nothing. */
  readonly share?: VenueShare | undefined;
};

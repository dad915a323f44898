import type { MarketParameters } from "./parameters.ts";

/** The venue of boards where a market lists none, of every volatility index, and of histories named without a venue. */
export const PREFERRED_VENUE = "deribit";
/** The venue of pools that a route names without one. */
const POOL_VENUE = "uniswapV3";
const FEED = "priceFeed";
const RATE = "exchangeRate";

/** A stretch of a pool's past: `parts` equal parts of `partSeconds` each. */
export type MemoryWindow = { readonly partSeconds: number; readonly parts: number };

/** Names of sources, the same in observations, faults, evidence and on the status page. Stored evidence holds them. */
export const sourceName = {
  board: (currency: string, venue = PREFERRED_VENUE) => `${venue}:${currency}:options`,
  index: (currency: string) => `${PREFERRED_VENUE}:${currency}:index`,
  /** By "instrument", which is deribit's, or "venue:instrument". */
  history: (name: string) => `${withVenue(name, PREFERRED_VENUE)}:history`,
  /** By "pool", which is Uniswap v3's, or "venue:pool", as routes list them. */
  pool: (name: string) => withVenue(name, POOL_VENUE),
  /** By "venue:market", as markets list them. */
  book: (name: string) => `${name}:book`,
  /** Of a Uniswap v3 pool. @example sourceName.memory("A/B-0.05%", { parts: 48, partSeconds: 1800 }) // "uniswapV3:A/B-0.05%:memory/48x1800" */
  memory: (name: string, { parts, partSeconds }: MemoryWindow) =>
    `${POOL_VENUE}:${name}:memory/${parts}x${partSeconds}`,
  feed: (name: string) => `${FEED}:${name}`,
  /** Of a contract by its name and the function that answers. @example sourceName.rate("wstETH", "stEthPerToken") // "exchangeRate:wstETH:stEthPerToken" */
  rate: (name: string, getter: string) => `${RATE}:${name}:${getter}`,
} as const;

/** Names of every source that a market asks for, by what it is asked for; of boards the preferred venue's first, pools by hop. */
export function sourcesOf({ sources, books, poolMemory, claim }: MarketParameters) {
  const boards = (currency: string | null) =>
    currency === null
      ? []
      : (sources.optionVenues ?? [PREFERRED_VENUE]).map((venue) => sourceName.board(currency, venue));
  const listed = sources.options ?? sources.transferFrom;
  const { history, transferHistory } = sources;
  // Of pools those of Uniswap, which are named without a venue, keep a memory that can be read.
  const remembering = sources.route.flat().filter((name) => !name.includes(":"));
  return {
    options: boards(sources.options),
    transferOptions: boards(sources.transferFrom),
    index: listed === null ? [] : [sourceName.index(listed)],
    history: sourceName.history(history),
    otherHistories: (sources.otherHistories ?? []).map(sourceName.history),
    /** None where it is `history` itself. */
    transferHistory:
      transferHistory === null || transferHistory === history ? [] : [sourceName.history(transferHistory)],
    route: sources.route.map((hop) => hop.map(sourceName.pool)),
    memories: poolMemory === undefined ? [] : remembering.map((name) => sourceName.memory(name, poolMemory)),
    feed: sourceName.feed(sources.priceFeed),
    books: (books?.markets ?? []).map(sourceName.book),
    rates: claim?.rate === undefined ? [] : [sourceName.rate(claim.rate.contract, claim.rate.getter)],
    ratioHistory: claim?.history === undefined ? [] : [sourceName.history(claim.history)],
  };
}

type AtVenue = "board" | "index" | "history" | "book" | "pool";
/** What a source name means. `name` is the venue's own: a currency, an instrument, a market or a pool. */
export type SourceMeaning =
  | { readonly [K in AtVenue]: { readonly kind: K; readonly venue: string; readonly name: string } }[AtVenue]
  | { readonly kind: "memory"; readonly name: string; readonly window: MemoryWindow }
  | { readonly kind: "feed"; readonly name: string }
  | { readonly kind: "rate"; readonly name: string; readonly getter: string };

const KINDS = { options: "board", index: "index", history: "history", book: "book" } as const;

/**
 * The meaning of a name made by `sourceName`, or null for any other text.
 * @example parseSourceName("okx:ETH-USDT:book") // { kind: "book", venue: "okx", name: "ETH-USDT" }
 */
export function parseSourceName(source: string): SourceMeaning | null {
  const [venue = "", name = "", suffix, ...rest] = source.split(":");
  if (venue === "" || name === "" || rest.length > 0) return null;
  if (suffix === undefined) return venue === FEED ? { kind: "feed", name } : { kind: "pool", venue, name };
  if (venue === RATE) return { kind: "rate", name, getter: suffix };
  if (Object.hasOwn(KINDS, suffix)) return { kind: KINDS[suffix as keyof typeof KINDS], venue, name };
  const [, parts, partSeconds] = /^memory\/(\d+)x(\d+)$/.exec(suffix) ?? [];
  if (venue !== POOL_VENUE || parts === undefined) return null;
  return { kind: "memory", name, window: { parts: Number(parts), partSeconds: Number(partSeconds) } };
}

/** Name in a route of a pool. @example routeName("uniswapV3", "USDC/WETH-0.05%") // "USDC/WETH-0.05%" */
export function routeName(venue: string, pool: string): string {
  return venue === POOL_VENUE ? pool : `${venue}:${pool}`;
}

function withVenue(name: string, venue: string): string {
  return name.includes(":") ? name : `${venue}:${name}`;
}

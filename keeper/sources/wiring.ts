import type { ConfigProblem } from "../domain/errors.ts";
import type { Observed, RoutePool } from "../domain/observation.ts";
import type { MarketParameters } from "../domain/parameters.ts";
import { sourceName, sourcesOf } from "../domain/sourceNames.ts";
import { coinsOf, routePrice, routeSides, sameSymbol } from "../model/depth/route.ts";

/** A market as its file has it: what it names, and what governance wrote of its feed. */
type Listed = { readonly parameters: Pick<MarketParameters, "sources">; readonly listing: { readonly feed: string } };

/**
 * What the price feeds that markets name say of themselves (`description` of AggregatorV3: base, then quote). A feed that
 * says something else at the recorded address is another one.
 * @example feedDescriptions(readMarkets(null).files).get("WETH") // "ETH / USD"
 */
export function feedDescriptions(markets: readonly Listed[]): ReadonlyMap<string, string> {
  return new Map(markets.map(({ parameters, listing }) => [parameters.sources.priceFeed, listing.feed]));
}

/** Prices closer than this are of one thing; nothing that trades is twice what it costs elsewhere for long. */
const SAME = 0.05;
const OTHER = 2;

/** The prices that one market's wiring gives; null for what has not answered. */
type Prices = {
  readonly market: MarketParameters;
  readonly feedUsd: number | null;
  readonly routeUsd: number | null;
};

/**
 * Everything that is certainly another source than the market means, each with its path in the deployment's record: a
 * feed that says so, answers another market's price or the inverse of its own, no feed or pool at an address, pools that
 * do not lead from the collateral to a dollar. A price that is merely far off is for the data's checks, which hold.
 */
export function wiringProblems(
  markets: readonly MarketParameters[],
  observed: ReadonlyMap<string, readonly Observed[]>,
  feedSays: ReadonlyMap<string, string>,
): readonly ConfigProblem[] {
  const prices = markets.map((market) => pricesOf(market, observed.get(market.name) ?? []));
  const problems = markets.flatMap((market) => [
    ...strangers(market, observed.get(market.name) ?? [], feedSays),
    ...brokenRoute(market, observed.get(market.name) ?? []),
  ]);
  problems.push(...prices.flatMap((one) => swapped(one, prices)));
  // Markets share pools and feeds: each is named once.
  const text = problems.map((problem) => JSON.stringify(problem));
  return problems.filter((_, n) => text.indexOf(text[n] ?? "") === n);
}

/** Whether feed and pools of a market have all answered: only then is its wiring checked in full. */
export function haveAllAnswered(market: MarketParameters, observed: readonly Observed[]): boolean {
  const { route, feed } = sourcesOf(market);
  return [...route.flat(), feed].every((name) =>
    observed.some((one) => one.source === name && one.observation !== null),
  );
}

/** Addresses of something else than was meant. */
function strangers(
  { sources, claim }: MarketParameters,
  observed: readonly Observed[],
  feedSays: ReadonlyMap<string, string>,
): readonly ConfigProblem[] {
  const wrong = (source: string) =>
    observed
      .find((one) => one.source === source && one.observation === null)
      ?.faults.find(({ code }) => code === "SCHEMA" || code === "INCONSISTENT")?.detail;
  const feed = wrong(sourceName.feed(sources.priceFeed));
  const pools = sources.route.flat().flatMap((name) => {
    const given = wrong(sourceName.pool(name)) ?? otherCoins(name, observed);
    return given === undefined ? [] : [{ path: `sources.pools.${name}`, given, expected: `the pool ${name}` }];
  });
  const { contract, getter } = claim?.rate ?? {};
  const rate = contract === undefined || getter === undefined ? undefined : wrong(sourceName.rate(contract, getter));
  const expectedRate = `a contract that answers ${getter}`;
  if (rate !== undefined) pools.push({ path: `sources.rates.${contract}`, given: rate, expected: expectedRate });
  if (feed === undefined) return pools;
  const says = feedSays.get(sources.priceFeed);
  const expected = says === undefined ? "an AggregatorV3 price feed" : `the feed "${says}"`;
  return [{ path: `sources.feeds.${sources.priceFeed}`, given: feed, expected }, ...pools];
}

/** The coins of a pool that is named after two of which it does not hold both; undefined where it does, or has another name. */
function otherCoins(name: string, observed: readonly Observed[]): string | undefined {
  const pool = observed.find((one) => one.source === sourceName.pool(name))?.observation ?? null;
  const [, ...named] = /^(?:\w+:)?(\w+)\/(\w+)(?:-[\d.]+%)?$/.exec(name) ?? [];
  if (pool === null) return undefined;
  const held = coinsOf(pool as RoutePool).map(({ symbol }) => symbol);
  const all = named.every((one) => held.some((other) => sameSymbol(one, other)));
  return all ? undefined : `a pool of ${held.join(" and ")}`;
}

/** Pools that were all read and do not join up from the collateral. */
function brokenRoute(market: MarketParameters, observed: readonly Observed[]): readonly ConfigProblem[] {
  const route = routeOf(market, observed);
  if (route === null || routeSides(route, market.collateral.symbol) !== null) return [];
  const given = `${market.sources.route.flat().join(", ")}, which do not join up`;
  return [{ path: "sources.pools", given, expected: `pools that lead from ${market.collateral.symbol} to a dollar` }];
}

/** A feed with the price of another market, or with base and quote exchanged. */
function swapped({ market, feedUsd, routeUsd }: Prices, all: readonly Prices[]): readonly ConfigProblem[] {
  if (feedUsd === null || routeUsd === null || near(feedUsd, routeUsd, OTHER - 1)) return [];
  const path = `sources.feeds.${market.sources.priceFeed}`;
  const expected = `about ${routeUsd.toPrecision(6)} USD, the price of ${market.name} in its pools`;
  const of = all.find((one) => one.market !== market && one.routeUsd !== null && near(feedUsd, one.routeUsd, SAME));
  if (of !== undefined) return [{ path, given: `${feedUsd.toPrecision(6)}, the price of ${of.market.name}`, expected }];
  if (!near(feedUsd * routeUsd, 1, SAME)) return [];
  return [{ path, given: `${feedUsd.toPrecision(6)}, the price with base and quote exchanged`, expected }];
}

/** Whether the larger is above the smaller by no more than this part. */
function near(a: number, b: number, part: number): boolean {
  return Math.max(a, b) / Math.min(a, b) <= 1 + part;
}

function pricesOf(market: MarketParameters, observed: readonly Observed[]): Prices {
  const feed = observed.find((one) => one.source === sourceName.feed(market.sources.priceFeed))?.observation;
  const route = routeOf(market, observed);
  const feedUsd = feed?.kind === "priceFeed" ? feed.priceUsd : null;
  return { market, feedUsd, routeUsd: route === null ? null : routePrice(route, market.collateral.symbol) };
}

/** The pools of the route, or null while one of them has not answered. */
function routeOf(
  { sources }: MarketParameters,
  observed: readonly Observed[],
): readonly (readonly RoutePool[])[] | null {
  const route = sources.route.map((hop) =>
    hop.flatMap((name) => {
      const found = observed.find((one) => one.source === sourceName.pool(name))?.observation ?? null;
      return found === null ? [] : [found as RoutePool];
    }),
  );
  return route.every((hop, n) => hop.length === sources.route[n]?.length) ? route : null;
}

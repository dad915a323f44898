import { type Fault, fault } from "../domain/fault.ts";
import { percent } from "../domain/format.ts";
import { lowerMedian } from "../domain/numbers.ts";
import type { OptionBoard, OrderBook, PriceFeedAnswer, PriceHistory } from "../domain/observation.ts";
import type { MarketParameters, QuarantineParameters } from "../domain/parameters.ts";
import type { Quarantined, Readings } from "../domain/risk.ts";
import { routePrice } from "../model/depth/route.ts";

/** From this many sources on the median is a majority, and one outside of it is wrong, not merely different. */
export const MAJORITY = 3;

/** One source's price of the same thing. */
type Priced = { readonly source: string; readonly price: number };

/** The same, with the source's own time of it, Unix seconds. */
export type PricePoint = Priced & { readonly time: number };

/**
 * The median price of several sources, null for none, and a DISAGREES fault for each one further from it than `maxDistance`.
 * Of two that disagree neither is right by majority: both are named. An even count takes the lower middle value, against the
 * borrower.
 * @param maxDistance largest relative distance from the median, e.g. 0.02
 * @example agree([{ source: "a", price: 100 }, { source: "b", price: 101 }, { source: "c", price: 130 }], 0.05).price // 101
 */
export function agree(
  points: readonly Priced[],
  maxDistance: number,
): { readonly price: number | null; readonly faults: readonly Fault[] } {
  const usable = points.filter((point) => Number.isFinite(point.price) && point.price > 0);
  const faults: Fault[] = points
    .filter((point) => !usable.includes(point))
    .map((point) => fault("NOT_POSITIVE", point.source, `price ${point.price}`));
  const median = lowerMedian(usable.map((point) => point.price));
  if (median === null) return { price: null, faults };
  for (const point of usable) {
    const distance = Math.abs(point.price / median - 1);
    if (distance > maxDistance) {
      const seen = `${percent(distance)} from the median ${median.toPrecision(8)} USD`;
      faults.push(fault("DISAGREES", point.source, `${seen}, limit ${percent(maxDistance)}`));
    }
  }
  return { price: median, faults };
}

/**
 * The order books whose middle agrees with the market's price, in the order given, and a DISAGREES fault for each that does
 * not. Books have no vote in that price. Without a price none is accepted, for then nothing says what they trade.
 * @param maxDistance largest relative distance of a middle from the price
 */
export function agreeBooks(
  books: readonly OrderBook[],
  priceUsd: number | null,
  maxDistance: number,
): { readonly accepted: readonly OrderBook[]; readonly faults: readonly Fault[] } {
  if (priceUsd === null) return { accepted: [], faults: [] };
  const faults = books.flatMap((book) => {
    const middle = ((book.bids[0]?.[0] ?? Number.NaN) + (book.asks[0]?.[0] ?? Number.NaN)) / 2;
    const distance = Math.abs(middle / priceUsd - 1);
    if (distance <= maxDistance) return [];
    const seen = `middle ${middle.toPrecision(6)} against ${priceUsd.toPrecision(6)} USD of the market`;
    return [fault("DISAGREES", book.source, `${seen}, limit ${percent(maxDistance, 0)}`)];
  });
  const accused = new Set(faults.map((found) => found.source));
  return { accepted: books.filter((book) => !accused.has(book.source)), faults };
}

export const ROUTE = "route";

/** The spot index of a board. */
export function indexPrice({ source, indexUsd, eventTime }: OptionBoard): PricePoint {
  return { source, price: indexUsd, time: eventTime };
}

/**
 * What board, pools and feed say the price is, and the index of a transferred board where the collateral is a claim on it.
 * @param rate units of the board's asset for one token: a claim's exchange rate; null where that is not known
 */
export function pricesOf(
  { options, transferOptions, route, feed }: Pick<Readings, "options" | "transferOptions" | "route" | "feed">,
  { sources, collateral }: MarketParameters,
  rate: number | null = 1,
): readonly PricePoint[] {
  const points: PricePoint[] = [];
  if (options !== null && rate !== null) points.push({ ...indexPrice(options), price: options.indexUsd * rate });
  const fromRoute = routePrice(route, collateral.symbol);
  const time = Math.min(...route.flat().map((pool) => pool.eventTime));
  if (fromRoute !== null) points.push({ source: ROUTE, price: fromRoute, time });
  if (feed !== null) points.push({ source: feed.source, price: feed.priceUsd, time: feed.eventTime });
  // One history for both: the collateral is a claim on the listed asset, and the two have one price.
  const claim = options === null && sources.transferHistory === sources.history;
  if (claim && transferOptions !== null) points.push(indexPrice(transferOptions));
  return points;
}

/** The last closed candle is up to an hour old: it may lie this many times further off than a price of now. */
export const CLOSE_TOLERANCE = 5;

/** What the sources say about one price when they are held against each other. */
type CrossChecked = {
  readonly priceUsd: number | null;
  /** Null when a majority of the other prices contradicts it. */
  readonly feed: PriceFeedAnswer | null;
  /** Null when its last close is of another asset or unit. */
  readonly history: PriceHistory | null;
  /** One fault for each source that contradicts the others. */
  readonly faults: readonly Fault[];
};

/**
 * Holds every source that carries a price against the others: board index, route and feed at `maxPriceDisagreement`, the
 * index of a transferred board too when the collateral is a claim on its asset (further apart, it has left its peg), and
 * the history's last close at five times that. The price is the median, the lower of two.
 * @param rate units of the board's and history's asset for one token, as for `pricesOf`
 */
export function crossCheck(
  found: Pick<Readings, "options" | "transferOptions" | "history" | "route" | "feed">,
  market: MarketParameters,
  rate: number | null = 1,
): CrossChecked {
  const limit = market.quality.maxPriceDisagreement;
  const { history, feed } = found;
  const points: Priced[] = [...pricesOf(found, market, rate)];
  const last = history?.candles.at(-1)?.[4] ?? null;
  const close = last === null || rate === null ? null : last * rate;
  // Of two that differ neither is right by majority; the last close, late as it is, is asked then.
  if (points.length === MAJORITY - 1 && history !== null && close !== null) {
    points.push({ source: history.source, price: close });
  }
  const agreed = agree(points, limit);
  const faults: Fault[] = agreed.faults.filter((found) => found.source !== history?.source);
  const priceUsd = agreed.price ?? close;

  const complete = found.route.length > 0 && found.route.every((hop) => hop.length > 0);
  if (complete && !points.some(({ source }) => source === ROUTE))
    faults.push(fault("INCONSISTENT", ROUTE, "the pools do not join up to a price"));
  const most = CLOSE_TOLERANCE * limit;
  const wrongHistory = history !== null && close !== null && priceUsd !== null && Math.abs(close / priceUsd - 1) > most;
  if (wrongHistory) {
    const seen = `last close ${close.toPrecision(6)} USD against ${priceUsd.toPrecision(6)} of the market`;
    faults.push(fault("DISAGREES", history.source, `${seen}, limit ${percent(most, 0)}`));
  }
  const wrongFeed = points.length >= MAJORITY && agreed.faults.some((one) => one.source === feed?.source);
  return { priceUsd, feed: wrongFeed ? null : feed, history: wrongHistory ? null : history, faults };
}

/** Whether a source that can be held against others agrees with them now. */
export type Verdict = readonly [source: string, agrees: boolean];
/** Verdicts of one cycle; a source that was not seen has none. */
type Verdicts = ReadonlyMap<string, boolean>;

/** A verdict for each of the sources, by the DISAGREES faults found among them. */
export function verdictsOn(
  sources: readonly { readonly source: string }[],
  faults: readonly Fault[],
): readonly Verdict[] {
  const accused = new Set(faults.filter(({ code }) => code === "DISAGREES").map((found) => found.source));
  return sources.map(({ source }) => [source, !accused.has(source)]);
}

/**
 * Sources in quarantine after a cycle, sorted by name. One that disagrees enters, or begins anew; one that agrees counts up,
 * and leaves once it has agreed `agreements` times in a row and `seconds` have passed since it last disagreed; one that was
 * not seen begins to count anew.
 * @param now Unix seconds
 * @example quarantineAfter([], new Map([["a", false]]), 100, { seconds: 60, agreements: 2 }) // [["a", 100, 0]]
 */
export function quarantineAfter(
  before: readonly Quarantined[],
  verdicts: Verdicts,
  now: number,
  rules: QuarantineParameters,
): readonly Quarantined[] {
  const known = new Map(before.map((one) => [one[0], one]));
  for (const [source, agrees] of verdicts) if (!agrees) known.set(source, [source, now, 0]);
  const after = [...known.values()].flatMap(([source, since, agreed]): Quarantined[] => {
    const verdict = verdicts.get(source);
    if (verdict === false) return [[source, since, 0]];
    const times = verdict === true ? agreed + 1 : 0;
    return times >= rules.agreements && now - since >= rules.seconds ? [] : [[source, since, times]];
  });
  return after.sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The fault of each source that is out although it agrees now. */
export function quarantineFaults(
  out: readonly Quarantined[],
  verdicts: Verdicts,
  now: number,
  rules: QuarantineParameters,
): readonly Fault[] {
  return out
    .filter(([source]) => verdicts.get(source) === true)
    .map(([source, since, agreed]) => {
      const need = `out for ${rules.seconds} s and ${rules.agreements} times`;
      return fault("QUARANTINED", source, `disagreed ${now - since} s ago, agreed ${agreed} times since; ${need}`);
    });
}

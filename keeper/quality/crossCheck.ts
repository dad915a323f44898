import { type Fault, fault } from "../domain/fault.ts";
import { percent } from "../domain/format.ts";
import type { PriceFeedAnswer, PriceHistory } from "../domain/observation.ts";
import type { MarketParameters } from "../domain/parameters.ts";
import type { Readings } from "../domain/risk.ts";
import { routePrice } from "../model/depth/route.ts";
import { agree, type PricePoint } from "./agreement.ts";

/** The last closed candle is up to an hour old: it may lie this many times further off than a price of now. */
const CLOSE_TOLERANCE = 5;
/** From this many prices on the median is a majority, and a source outside of it is wrong, not merely different. */
const MAJORITY = 3;

/** What the sources say about one price when they are held against each other. */
type CrossChecked = {
  readonly priceUsd: number | null;
  /** Null when a majority of the other prices contradicts it. */
  readonly feed: PriceFeedAnswer | null;
  /** Null when its last close is of another asset or unit. */
  readonly history: PriceHistory | null;
  /** One fault for each source that stands against the others. */
  readonly faults: readonly Fault[];
};

/**
 * Holds every source that carries a price against the others: board index, route and feed at `maxPriceDisagreement`, the
 * index of a transferred board too when the collateral is a claim on its asset (further apart, it has left its peg), and
 * the history's last close at five times that. The price is the median, the lower of two.
 */
export function crossCheck(
  found: Pick<Readings, "options" | "transferOptions" | "history" | "route" | "feed">,
  market: MarketParameters,
): CrossChecked {
  const limit = market.quality.maxPriceDisagreement;
  const points: PricePoint[] = [];
  const { options, transferOptions, history, feed } = found;
  if (options !== null) points.push({ source: options.source, price: options.indexUsd });
  const fromRoute = routePrice(found.route, market.collateral.symbol);
  if (fromRoute !== null) points.push({ source: "route", price: fromRoute });
  if (feed !== null) points.push({ source: feed.source, price: feed.priceUsd });
  // One history for both: the collateral is a claim on the listed asset, and the two have one price.
  const claim = options === null && market.sources.transferHistory === market.sources.history;
  if (claim && transferOptions !== null) {
    points.push({ source: transferOptions.source, price: transferOptions.indexUsd });
  }
  const close = history?.candles.at(-1)?.[4] ?? null;
  // Of two that differ neither is right by majority; the last close, late as it is, is asked then.
  if (points.length === MAJORITY - 1 && history !== null && close !== null) {
    points.push({ source: history.source, price: close });
  }
  const agreed = agree(points, limit);
  const faults: Fault[] = agreed.faults.filter((found) => found.source !== history?.source);
  const priceUsd = agreed.price ?? close;

  const complete = found.route.length > 0 && found.route.every((hop) => hop.length > 0);
  if (complete && fromRoute === null)
    faults.push(fault("INCONSISTENT", "route", "the pools do not join up to a price"));
  const most = CLOSE_TOLERANCE * limit;
  const wrongHistory = history !== null && close !== null && priceUsd !== null && Math.abs(close / priceUsd - 1) > most;
  if (wrongHistory) {
    const seen = `last close ${close.toPrecision(6)} USD against ${priceUsd.toPrecision(6)} of the market`;
    faults.push(fault("DISAGREES", history.source, `${seen}, limit ${percent(most, 0)}`));
  }
  const wrongFeed = points.length >= MAJORITY && agreed.faults.some((one) => one.source === feed?.source);
  return { priceUsd, feed: wrongFeed ? null : feed, history: wrongHistory ? null : history, faults };
}

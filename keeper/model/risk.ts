import { HOUR_SECONDS, YEAR_HOURS } from "../domain/calendar.ts";
import type { MarketHistory } from "../domain/decision.ts";
import { type Fault, fault } from "../domain/fault.ts";
import { percent } from "../domain/format.ts";
import { upperMedian } from "../domain/numbers.ts";
import type { PriceHistory } from "../domain/observation.ts";
import { isClaimOnDebt, type MarketParameters, type ModelParameters } from "../domain/parameters.ts";
import {
  type ClaimReading,
  type ClaimRisk,
  type DepthRisk,
  type PriceRise,
  type RatioRisk,
  type Readings,
  type Risk,
  SOURCE_BITS,
  type VolatilityRisk,
} from "../domain/risk.ts";
import { robustDepth } from "./depth/robustDepth.ts";
import { bookDepth, stressedMarketDepth } from "./depth/route.ts";
import { type Estimates, estimatesAt } from "./estimates.ts";
import { maxSlippage } from "./haircut.ts";
import { lossOf, worstOf } from "./history/historicalTail.ts";
import { esMultiplier } from "./numerics/distributions.ts";
import { measureVolatility, ratioVolatility } from "./volatilityRisk.ts";

/**
 * What the readings say about risk: volatility by source and level of the ladder, depth, tails, confidence. A missing
 * source is replaced by its last good value while that is young enough, then by the next level; both are visible in
 * `sources` and cost confidence. Of several options venues each number is the median, the upper of two. Nothing is later than
 * `now`.
 * @param estimates at `now`, to share what is worked out with other markets
 */
export function measureRisk(
  readings: Readings,
  history: MarketHistory,
  market: MarketParameters,
  now: number,
  estimates: Estimates = estimatesAt(now),
): Risk {
  const { model, quality } = market;
  const measured = measureVolatility(readings, history, market, estimates);
  const { volatility, dailyVolumeUsd } = measured;
  const depth = depthRisk(readings, history, market, estimates, studentLoss(volatility, model));
  const rise = riseOf(readings, history, market, estimates);
  const claim = readings.claim === undefined ? null : claimOf(readings.claim, market, estimates);
  const faults = [
    ...measured.faults,
    ...(claim?.faults ?? []),
    ...depegFault(claim?.risk.discount ?? 0, market),
    ...(rise === null ? [] : [riseFault(rise)]),
  ];
  return {
    volatility,
    depth: depth.risk,
    tail: {
      riskNeutral: measured.riskNeutralLoss,
      historical: historicalLoss(readings.history, volatility.used, model, estimates),
    },
    // Shown, and nothing is computed from it. Unknown volume is a fault (EMPTY): nothing loosens and maintenance holds meanwhile.
    dailyVolumeUsd: dailyVolumeUsd > 0 ? dailyVolumeUsd : model.supplyCapUsd,
    oracleDeviation: oracleDeviation(readings, quality.maxPriceDisagreement),
    ...(claim === null ? {} : { claim: claim.risk }),
    ...(rise === null ? {} : { priceRise: rise }),
    confidence: readings.confidence * measured.confidence,
    sources:
      readings.sources |
      (depth.isHeld ? SOURCE_BITS.heldDepth : 0) |
      (measured.isHeld ? SOURCE_BITS.heldVolatility : 0) |
      (volatility.level === "L6" ? SOURCE_BITS.staticFallback : 0),
    faults: faults.filter(({ source, code }) => {
      return !readings.faults.some((known) => known.source === source && known.code === code);
    }),
  };
}

/** Expected shortfall of the Student law over the horizon, a fraction of the price. */
function studentLoss({ used }: VolatilityRisk, model: ModelParameters): number {
  const multiple = esMultiplier(model.tailLevel, model.degreesOfFreedom);
  return 1 - Math.exp(-multiple * used * Math.sqrt(model.minimumHorizonHours / YEAR_HOURS));
}

/** Loss over the horizon by the collateral's own history of shocks, scaled to the volatility used. */
function historicalLoss(
  history: PriceHistory | null,
  used: number,
  { minimumHorizonHours, tailLevel }: ModelParameters,
  estimates: Estimates,
): number | null {
  if (history === null) return null;
  const worst = worstOf(estimates.history(history).shocks, tailLevel);
  return worst === null ? null : lossOf(worst.multiple, used, minimumHorizonHours);
}

/**
 * The rise of the price that new loans may not count; null where they may count all of it, or nothing is known of the past.
 * Lenders lend against the feed, so it counts even where the market contradicts it; and candles count even where the
 * price has left them behind, for that is how a pump looks. Of a claim the candles are of what it is a claim on: as much of its
 * exchange rate counts as may, and of one that cannot be read now the last remembered, or the middle of the week's where that is less.
 */
function riseOf(
  readings: Readings,
  { rates = [] }: MarketHistory,
  market: MarketParameters,
  estimates: Estimates,
): PriceRise | null {
  const past = readings.history ?? readings.setAside?.history ?? null;
  const rules = market.model.priceRise;
  const isOwnPrice = market.claim === undefined || isClaimOnDebt(market);
  const rate = isOwnPrice ? 1 : (readings.claim?.believedRate ?? rememberedRate(rates));
  if (rules === undefined || past === null || rate === null) return null;
  const feed = readings.feed ?? readings.setAside?.feed ?? null;
  const priceUsd = Math.max(readings.priceUsd ?? 0, feed?.priceUsd ?? 0);
  const believed = estimates.believed(past, rules);
  const believedUsd = believed === null ? null : believed * rate;
  return believedUsd === null || priceUsd <= believedUsd ? null : { priceUsd, believedUsd };
}

/** No more than was last seen of an exchange rate, nor than half of the days of a week had. */
function rememberedRate(lows: NonNullable<MarketHistory["rates"]>): number | null {
  const [last, middle] = [lows.at(-1)?.[1], upperMedian(lows.map(([, rate]) => rate))];
  return last === undefined || middle === null ? null : Math.min(last, middle);
}

function riseFault({ priceUsd, believedUsd }: PriceRise): Fault {
  const seen = `${priceUsd.toPrecision(6)} USD, of which new loans count ${believedUsd.toPrecision(6)}`;
  return fault("RISEN", "price", seen);
}

/**
 * How far the feed is from the market, set aside or not, for lenders lend against it; at most the limit beyond which that is a fault.
 * The discount of a claim where that is more: a lender may count it by its rate.
 */
function oracleDeviation({ feed: own, setAside, priceUsd, claim }: Readings, limit: number): number {
  const feed = own ?? setAside?.feed ?? null;
  const gap = feed === null || priceUsd === null ? 0 : Math.min(limit, Math.abs(feed.priceUsd / priceUsd - 1));
  return Math.max(gap, claim?.discount ?? 0);
}

/** DEPEGGED where nothing new is lent against a claim (`target`), else none. */
function depegFault(discount: number, { model }: MarketParameters): readonly Fault[] {
  const most = maxSlippage(model.liquidationBonus, model.liquidationCost);
  if (discount <= most) return [];
  return [fault("DEPEGGED", "claim", `${percent(discount)} below what it is a claim on, bridged ${percent(most)}`)];
}

/** What a claim may lose beside what it is a claim on, and what is wrong with the history of its ratio. */
function claimOf(
  { discount, history }: ClaimReading,
  market: MarketParameters,
  estimates: Estimates,
): { readonly risk: ClaimRisk; readonly faults: readonly Fault[] } {
  const stated = { discount, depeg: market.claim?.depeg ?? 0 };
  if (isClaimOnDebt(market)) return { risk: stated, faults: [] };
  const { volatility, faults } = ratioVolatility(history, market.model, estimates);
  if (volatility === null) return { risk: { ...stated, ratio: null }, faults };
  const { used, longRun } = volatility;
  const ratio: RatioRisk = { used, longRun, historical: historicalLoss(history, used, market.model, estimates) };
  return { risk: { ...stated, ratio }, faults };
}

/** Depth after a fall that was gone within this time counts as gone. */
const SHOCKED_SECONDS = HOUR_SECONDS;

/** Depth of pools and books together, USD of collateral: now, and after a fall of the price. */
type SeenDepth = { readonly nowUsd: number; readonly shockedUsd: number; readonly booksUsd: number };

/**
 * Depth in USD at the slippage that the bonus pays, after the manipulation-resistant minimum over the past. Without a route
 * that can be read the last depth is held for `holdSeconds`; while a pool contradicts its own memory no more counts than a
 * moment ago; and after a fall the least of the last hour counts.
 * @param loss fall of the price after which what is left is measured, a fraction in [0, 1)
 */
function depthRisk(
  readings: Readings,
  history: MarketHistory,
  market: MarketParameters,
  estimates: Estimates,
  loss: number,
): { readonly risk: DepthRisk; readonly isHeld: boolean } {
  const { model, quality, books } = market;
  const { now } = estimates;
  const slippage = maxSlippage(model.liquidationBonus, model.liquidationCost);
  const seen = seenDepth(readings, market, slippage, loss, estimates);
  const { lastDepth } = history;
  const recentUsd = lastDepth !== null && now - lastDepth.time <= quality.holdSeconds ? lastDepth.usd : null;
  const isDoubted = readings.faults.some(({ code }) => code === "OFF_AVERAGE" || code === "MOMENTARY");
  const seenUsd = isDoubted && seen !== null && recentUsd !== null ? Math.min(seen.nowUsd, recentUsd) : seen?.nowUsd;
  const nowUsd = seenUsd ?? recentUsd ?? 0;
  return {
    risk: {
      maxSlippage: slippage,
      nowUsd,
      ...(books === undefined ? {} : { booksUsd: seen?.booksUsd ?? 0 }),
      ...leastShocked(seen, history, now),
      ...robustDepth(history.depth, now, nowUsd, model.coldStartDepthShare),
    },
    isHeld: seen === null && recentUsd !== null,
  };
}

/** Null without a route that can be read: books alone are no depth. */
function seenDepth(
  readings: Readings,
  market: MarketParameters,
  slippage: number,
  loss: number,
  { curve }: Estimates,
): SeenDepth | null {
  const pools = stressedMarketDepth(readings.route, market.collateral.symbol, slippage, loss, curve);
  if (pools === null) return null;
  if (market.books === undefined) return { nowUsd: pools.nowUsd, shockedUsd: pools.shockedUsd, booksUsd: 0 };
  const books = bookDepth(pools, readings.books ?? [], market.books, slippage, loss);
  const [nowUsd, shockedUsd] = [pools.nowUsd + books.nowUsd, pools.shockedUsd + books.shockedUsd];
  return { nowUsd, shockedUsd, booksUsd: books.nowUsd };
}

/** What is left after the fall: the least of now and of the last hour, with what is seen now where that is more. */
function leastShocked(
  seen: SeenDepth | null,
  history: MarketHistory,
  now: number,
): Pick<DepthRisk, "shockedUsd" | "shockedNowUsd"> {
  if (seen === null) return { shockedUsd: null };
  const lastHour = (history.shockedDepth ?? []).filter(([time]) => time <= now && now - time < SHOCKED_SECONDS);
  const shockedUsd = Math.min(seen.shockedUsd, ...lastHour.map(([, usd]) => usd));
  return shockedUsd === seen.shockedUsd ? { shockedUsd } : { shockedUsd, shockedNowUsd: seen.shockedUsd };
}

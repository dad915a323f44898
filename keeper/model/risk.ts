import { HOUR_SECONDS, YEAR_HOURS } from "../domain/calendar.ts";
import type { HeldSource, MarketHistory } from "../domain/decision.ts";
import { type Fault, fault } from "../domain/fault.ts";
import { lowerMedian, upperMedian } from "../domain/median.ts";
import type { OptionBoard, PriceHistory } from "../domain/observation.ts";
import type { MarketParameters, PriceRiseParameters } from "../domain/parameters.ts";
import { type DepthRisk, type PriceRise, type Readings, type Risk, SOURCE_BITS } from "../domain/risk.ts";
import { bookDepth } from "./depth/orderBookDepth.ts";
import { robustDepth } from "./depth/robustDepth.ts";
import { stressedMarketDepth } from "./depth/route.ts";
import { believedPrice } from "./history/believedPrice.ts";
import { historicalTail } from "./history/historicalTail.ts";
import { type HistoryVolatility, historyVolatility } from "./history/historyVolatility.ts";
import { esMultiplier } from "./numerics/distributions.ts";
import { fitSurface, impliedVolatility, riskNeutralLoss, type Surface } from "./options/surface.ts";
import { calmFault, dropFault, frozenFault, indexFault, usableVolatility } from "./volatilityChecks.ts";
import { poolVolatility } from "./volatilityLadder.ts";

/** Horizon of volatility indices, and of what realised volatility is compared with. */
const MONTH_YEARS = 30 / 365;
/** A board this old says nothing of now any more. */
const BOARD_SECONDS = 60;
/** Depth after a fall that was gone within this time counts as gone. */
const SHOCKED_SECONDS = HOUR_SECONDS;

/**
 * What the readings say about risk: volatility by source and level of the ladder, depth, tails, confidence. A missing
 * source is replaced by its last good value while that is young enough, then by the next level; both are visible in
 * `sources` and cost confidence. Of several options venues each number is the median of what each board gives, the upper
 * of two, so that one wrong board of three moves nothing beyond what the others say. Nothing here looks later than `now`.
 */
export function measureRisk(readings: Readings, history: MarketHistory, market: MarketParameters, now: number): Risk {
  const { model, quality } = market;
  const horizonYears = model.minimumHorizonHours / YEAR_HOURS;
  const faults: Fault[] = [];
  const surfaceOf = (board: OptionBoard | null): Surface | null => {
    if (board === null) return null;
    const surface = fitSurface(board, now, quality);
    faults.push(...surface.faults);
    return surface;
  };
  const past = pastOf(readings.history, now, faults);
  const sameHistory = readings.transferHistory === readings.history;
  const transferPast = sameHistory ? past : pastOf(readings.transferHistory, now, faults);

  const venues = [readings.options, ...(readings.otherOptions ?? [])].flatMap((board) => surfaceOf(board) ?? []);
  const own = venues[0] ?? null;
  const transferred = surfaceOf(readings.transferOptions);
  const listed = own === null && transferred !== null ? [transferred] : venues;
  const seen = upperMedian(venues.map((surface) => impliedVolatility(surface, horizonYears)));
  const last = lastImplied(history, quality.holdSeconds, now);
  const dropped = dropFault(own?.source ?? "", seen, last);
  const surface30d = upperMedian(listed.map((surface) => impliedVolatility(surface, MONTH_YEARS)));
  const historySource = readings.history?.source ?? "";
  const doubts = [
    dropped,
    indexFault(surface30d, readings.index),
    calmFault(historySource, past?.typical30d ?? null, surface30d),
  ];
  faults.push(...doubts.filter((found) => found !== null));

  const implied = dropped === null ? seen : null;
  const held = implied === null ? last : null;
  const confidence = readings.confidence * (lowerMedian(listed.map((surface) => surface.confidence)) ?? 0);
  const optionsConfidence = upperMedian(venues.map((surface) => freshConfidence(surface, now))) ?? 0;
  const tails = venues.map((surface) => riskNeutralLoss(surface, model.tailLevel, horizonYears));
  const riskNeutral = dropped !== null ? null : upperMedian(tails);
  const volume = past?.dailyVolumeUsd ?? 0;

  const heldSources = {
    ...Object.fromEntries(
      history.lastVolatility
        .filter(([, time]) => now - time <= quality.holdSeconds)
        .map(([source, , vol]) => [source, vol] as const),
    ),
    ...(held === null ? {} : { implied: held }),
  };

  const volatility = poolVolatility(
    {
      implied,
      held: heldSources,
      riskNeutral: riskNeutralVolatility(riskNeutral, horizonYears, market),
      index: indexVolatility(readings, quality.holdSeconds, now),
      transferImplied: transferred === null ? null : impliedVolatility(transferred, horizonYears),
      transferRealised: transferPast?.realised30d ?? null,
      har: past?.har ?? null,
      ewma: past?.ewma ?? null,
      longRun: past?.longRun ?? null,
      realised: past?.realised30d ?? null,
      range: past?.range ?? null,
      confidence: optionsConfidence,
      historyDays: past?.days ?? 0,
    },
    model,
  );

  const multiple = esMultiplier(model.tailLevel, model.degreesOfFreedom);
  const loss = 1 - Math.exp(-multiple * volatility.used * Math.sqrt(horizonYears));
  const depth = depthRisk(readings, history, market, now, loss);
  const heldDepth = depth.held ? SOURCE_BITS.heldDepth : 0;
  const missing = Object.keys(heldSources).some((name) => volatility[name as HeldSource | "implied"] === null);
  const heldVolatility = missing ? SOURCE_BITS.heldVolatility : 0;
  const fallback = volatility.level === "L6" ? SOURCE_BITS.staticFallback : 0;
  const priceRise = riseOf(readings, model.priceRise, now);
  if (priceRise !== null) {
    const { priceUsd, believedUsd } = priceRise;
    const seen = `${priceUsd.toPrecision(6)} USD, of which new loans count ${believedUsd.toPrecision(6)}`;
    faults.push(fault("RISEN", "price", seen));
  }
  return {
    volatility,
    depth: depth.risk,
    tail: { riskNeutral, historical: historicalLoss(readings, volatility.used, market, now) },
    // Unknown volume is not zero volume: that would call the collateral unsellable because a server was down. A lender
    // does not list more than trades in a day; nothing loosens and maintenance holds meanwhile (see `assess`).
    dailyVolumeUsd: volume > 0 ? volume : model.supplyCapUsd,
    oracleDeviation: oracleDeviation(readings, quality.maxPriceDisagreement),
    ...(priceRise === null ? {} : { priceRise }),
    confidence,
    sources: readings.sources | heldDepth | heldVolatility | fallback,
    faults: faults.filter((found) => !readings.faults.some((known) => sameFault(known, found))),
  };
}

/** Confidence in a surface that fades to nothing while its board grows a minute old. */
function freshConfidence(surface: Surface, now: number): number {
  const age = Math.max(0, now - surface.eventTime);
  return surface.confidence * Math.max(0, 1 - age / BOARD_SECONDS);
}

/** The same fault of the same source, seen by the venue's adapter already. */
function sameFault(a: Fault, b: Fault): boolean {
  return a.source === b.source && a.code === b.code;
}

/** What a price history says, without what no asset has ever had; its faults are added. Null without one. */
function pastOf(history: PriceHistory | null, now: number, faults: Fault[]): HistoryVolatility | null {
  if (history === null) return null;
  const past = historyVolatility(history, now);
  const frozen = frozenFault(history);
  faults.push(...past.faults, ...(frozen === null ? [] : [frozen]));
  if (!(past.dailyVolumeUsd > 0)) faults.push(fault("EMPTY", history.source, "no volume in the last 30 days"));
  const usable = (name: "har" | "ewma" | "longRun" | "realised30d" | "range") =>
    usableVolatility(past[name], name, history.source, faults);
  return {
    ...past,
    har: usable("har"),
    ewma: usable("ewma"),
    longRun: usable("longRun"),
    realised30d: usable("realised30d"),
    range: usable("range"),
  };
}

/** Last good implied volatility while it may stand in for a missing or a doubtful one. */
function lastImplied(history: MarketHistory, holdSeconds: number, now: number): number | null {
  const last = history.lastImplied;
  return last !== null && now - last.time <= holdSeconds ? last.vol : null;
}

/** The index as a source: only while young enough (an older one is a check for people, see DECISIONS D6). */
function indexVolatility(readings: Readings, holdSeconds: number, now: number): number | null {
  const last = readings.index?.closes.at(-1);
  return last !== undefined && now - last[0] <= holdSeconds ? last[1] : null;
}

/** The volatility whose Student expected shortfall over the horizon is the risk-neutral loss. */
function riskNeutralVolatility(loss: number | null, horizonYears: number, market: MarketParameters): number | null {
  if (loss === null || !(loss < 1)) return null;
  const multiple = esMultiplier(market.model.tailLevel, market.model.degreesOfFreedom);
  return -Math.log(1 - loss) / (multiple * Math.sqrt(horizonYears));
}

/** Loss over the shortest horizon by the collateral's own history of shocks, scaled to the volatility used. */
function historicalLoss(readings: Readings, used: number, market: MarketParameters, now: number): number | null {
  const { minimumHorizonHours, tailLevel } = market.model;
  if (readings.history === null) return null;
  return historicalTail(readings.history, now, used, minimumHorizonHours, tailLevel)?.loss ?? null;
}

function depthRisk(
  readings: Readings,
  history: MarketHistory,
  market: MarketParameters,
  now: number,
  loss: number,
): { readonly risk: DepthRisk; readonly held: boolean } {
  const { model, quality } = market;
  const maxSlippage = Math.max(0, model.liquidationBonus / (1 + model.liquidationBonus) - model.liquidationCost);
  const pools = stressedMarketDepth(readings.route, market.collateral.symbol, maxSlippage, loss);
  const listed = market.books;
  const books =
    pools === null || listed === undefined ? null : bookDepth(pools, readings.books ?? [], listed, maxSlippage, loss);
  const seen = pools === null ? null : added(pools, books);
  const last = history.lastDepth;
  const held = seen === null && last !== null && now - last.time <= quality.holdSeconds;
  const recent = last !== null && now - last.time <= quality.holdSeconds ? last.usd : Number.POSITIVE_INFINITY;
  const doubted = readings.faults.some(({ code }) => code === "OFF_AVERAGE" || code === "MOMENTARY");
  const nowUsd = seen === null ? (held ? last.usd : 0) : Math.min(seen.nowUsd, doubted ? recent : seen.nowUsd);
  const robust = robustDepth(history.depth, now, nowUsd, model.coldStartDepthShare);
  const booksUsd = listed === undefined ? {} : { booksUsd: books?.nowUsd ?? 0 };
  const lastHour = (history.shockedDepth ?? []).filter(([time]) => time <= now && now - time < SHOCKED_SECONDS);
  const shockedUsd = seen === null ? null : Math.min(seen.shockedUsd, ...lastHour.map(([, usd]) => usd));
  const shocked =
    seen === null || shockedUsd === seen.shockedUsd ? { shockedUsd } : { shockedUsd, shockedNowUsd: seen.shockedUsd };
  return { risk: { maxSlippage, nowUsd, ...booksUsd, ...shocked, ...robust }, held };
}

type Depths = { readonly nowUsd: number; readonly shockedUsd: number };

function added(pools: Depths, books: Depths | null): Depths {
  if (books === null) return pools;
  return { nowUsd: pools.nowUsd + books.nowUsd, shockedUsd: pools.shockedUsd + books.shockedUsd };
}

/**
 * The rise of the price that new loans may not count; null where they may count all of it, or nothing is known of the past.
 * Lenders lend against the feed, so it counts even where the market contradicts it; and candles count even where the
 * price has left them behind, for that is how a pump looks.
 */
function riseOf(readings: Readings, rules: PriceRiseParameters | undefined, now: number): PriceRise | null {
  const past = readings.history ?? readings.setAside?.history ?? null;
  if (rules === undefined || past === null) return null;
  const feed = readings.feed ?? readings.setAside?.feed ?? null;
  const priceUsd = Math.max(readings.priceUsd ?? 0, feed?.priceUsd ?? 0);
  const believedUsd = believedPrice(past, now, rules);
  return believedUsd === null || priceUsd <= believedUsd ? null : { priceUsd, believedUsd };
}

/** How far the feed is from the market, at most the limit beyond which that is a fault and no deviation. */
function oracleDeviation({ feed, priceUsd }: Readings, limit: number): number {
  return feed === null || priceUsd === null ? 0 : Math.min(limit, Math.abs(feed.priceUsd / priceUsd - 1));
}

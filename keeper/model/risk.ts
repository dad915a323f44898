import type { MarketHistory } from "../domain/decision.ts";
import type { Fault } from "../domain/fault.ts";
import type { OptionBoard } from "../domain/observation.ts";
import type { MarketParameters } from "../domain/parameters.ts";
import { type DepthRisk, type Readings, type Risk, SOURCE_BITS } from "../domain/risk.ts";
import { robustDepth } from "./depth/robustDepth.ts";
import { stressedMarketDepth } from "./depth/stressedMarketDepth.ts";
import { esMultiplier } from "./expectedShortfall.ts";
import { historicalTail } from "./historicalTail.ts";
import { historyVolatility } from "./historyVolatility.ts";
import { poolVolatility } from "./poolVolatility.ts";
import { fitSurface, impliedVolatility, riskNeutralLoss, type Surface } from "./surface.ts";

const HOURS_PER_YEAR = 8_760;

/**
 * What the readings say about risk: volatility by source and level of the ladder, depth, tails, confidence. A missing
 * source is replaced by its last good value while that is young enough, then by the next level; both are visible in
 * `sources` and cost confidence. Nothing here looks later than `now`.
 */
export function measureRisk(readings: Readings, history: MarketHistory, market: MarketParameters, now: number): Risk {
  const { model, quality } = market;
  const horizonYears = model.minimumHorizonHours / HOURS_PER_YEAR;
  const faults: Fault[] = [];
  const surfaceOf = (board: OptionBoard | null): Surface | null => {
    if (board === null) return null;
    const surface = fitSurface(board, now, quality);
    faults.push(...surface.faults);
    return surface;
  };
  const past = readings.history === null ? null : historyVolatility(readings.history, now);
  const sameHistory = readings.transferHistory === readings.history;
  const transferPast = sameHistory
    ? past
    : readings.transferHistory === null
      ? null
      : historyVolatility(readings.transferHistory, now);
  faults.push(...(past?.faults ?? []), ...(sameHistory ? [] : (transferPast?.faults ?? [])));

  const own = surfaceOf(readings.options);
  const transferred = surfaceOf(readings.transferOptions);
  const implied = own === null ? null : impliedVolatility(own, horizonYears);
  const held = heldImplied(implied, history, quality.holdSeconds, now);
  const confidence = readings.confidence * ((own ?? transferred)?.confidence ?? 0);
  const riskNeutral = own === null ? null : riskNeutralLoss(own, model.tailLevel, horizonYears);

  const volatility = poolVolatility(
    {
      implied,
      held: held === null ? {} : { implied: held },
      atm: null,
      riskNeutral: riskNeutralVolatility(riskNeutral, horizonYears, market),
      index: indexVolatility(readings, quality.holdSeconds, now),
      transferImplied: transferred === null ? null : impliedVolatility(transferred, horizonYears),
      transferRealised: transferPast?.realised30d ?? null,
      har: past?.har ?? null,
      ewma: past?.ewma ?? null,
      longRun: past?.longRun ?? null,
      realised: past?.realised30d ?? null,
      range: past?.range ?? null,
      poolImplied: null,
      confidence,
      historyDays: past?.days ?? 0,
    },
    model,
  );

  const multiple = esMultiplier(model.tailLevel, model.degreesOfFreedom);
  const loss = 1 - Math.exp(-multiple * volatility.used * Math.sqrt(horizonYears));
  const depth = depthRisk(readings, history, market, now, loss);
  const heldDepth = depth.held ? SOURCE_BITS.heldDepth : 0;
  const heldVolatility = implied === null && held !== null ? SOURCE_BITS.heldVolatility : 0;
  const fallback = volatility.level === "L6" ? SOURCE_BITS.staticFallback : 0;
  return {
    volatility,
    depth: depth.risk,
    tail: { riskNeutral, historical: historicalLoss(readings, volatility.used, market, now) },
    dailyVolumeUsd: past?.dailyVolumeUsd ?? 0,
    oracleDeviation: oracleDeviation(readings),
    confidence,
    sources: readings.sources | heldDepth | heldVolatility | fallback,
    faults: faults.filter((found) => !readings.faults.some((known) => sameFault(known, found))),
  };
}

/** The same fault of the same source, seen by the venue's adapter already. */
function sameFault(a: Fault, b: Fault): boolean {
  return a.source === b.source && a.code === b.code;
}

/** Last good implied volatility while it may stand in for a missing one. */
function heldImplied(implied: number | null, history: MarketHistory, holdSeconds: number, now: number): number | null {
  const last = history.lastImplied;
  if (implied !== null || last === null) return null;
  return now - last.time <= holdSeconds ? last.vol : null;
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
  const seen = stressedMarketDepth(readings.route, market.collateral.symbol, maxSlippage, loss);
  const last = history.lastDepth;
  const held = seen === null && last !== null && now - last.time <= quality.holdSeconds;
  const nowUsd = seen?.nowUsd ?? (held ? last.usd : 0);
  const robust = robustDepth(history.depth, now, nowUsd, model.coldStartDepthShare);
  return { risk: { maxSlippage, nowUsd, shockedUsd: seen?.shockedUsd ?? null, ...robust }, held };
}

function oracleDeviation(readings: Readings): number {
  const { feed, priceUsd } = readings;
  return feed === null || priceUsd === null ? 0 : Math.abs(feed.priceUsd / priceUsd - 1);
}

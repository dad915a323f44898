import { YEAR_HOURS } from "../domain/calendar.ts";
import type { MarketHistory } from "../domain/decision.ts";
import { type Fault, fault } from "../domain/fault.ts";
import type { PriceHistory } from "../domain/observation.ts";
import type { MarketParameters, ModelParameters, PriceRiseParameters } from "../domain/parameters.ts";
import { type PriceRise, type Readings, type Risk, SOURCE_BITS, type VolatilityRisk } from "../domain/risk.ts";
import { depthRisk } from "./depth/depthRisk.ts";
import { type Estimates, estimatesAt } from "./estimates.ts";
import { historicalTail } from "./history/historyVolatility.ts";
import { esMultiplier } from "./numerics/distributions.ts";
import { measureVolatility } from "./volatilityRisk.ts";

/**
 * What the readings say about risk: volatility by source and level of the ladder, depth, tails, confidence. A missing
 * source is replaced by its last good value while that is young enough, then by the next level; both are visible in
 * `sources` and cost confidence. Of several options venues each number is the median of what each board gives, the upper
 * of two, so that one wrong board of three moves nothing beyond what the others say. Nothing here looks later than `now`.
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
  const rise = riseOf(readings, model.priceRise, estimates);
  const faults = [...measured.faults, ...(rise === null ? [] : [riseFault(rise)])];
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
    ...(rise === null ? {} : { priceRise: rise }),
    confidence: readings.confidence * measured.confidence,
    sources:
      readings.sources |
      (depth.isHeld ? SOURCE_BITS.heldDepth : 0) |
      (measured.isHeld ? SOURCE_BITS.heldVolatility : 0) |
      (volatility.level === "L6" ? SOURCE_BITS.staticFallback : 0),
    faults: faults.filter((found) => !readings.faults.some((known) => sameFault(known, found))),
  };
}

function sameFault(a: Fault, b: Fault): boolean {
  return a.source === b.source && a.code === b.code;
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
  return historicalTail(estimates.history(history).shocks, used, minimumHorizonHours, tailLevel)?.loss ?? null;
}

/**
 * The rise of the price that new loans may not count; null where they may count all of it, or nothing is known of the past.
 * Lenders lend against the feed, so it counts even where the market contradicts it; and candles count even where the
 * price has left them behind, for that is how a pump looks.
 */
function riseOf(readings: Readings, rules: PriceRiseParameters | undefined, estimates: Estimates): PriceRise | null {
  const past = readings.history ?? readings.setAside?.history ?? null;
  if (rules === undefined || past === null) return null;
  const feed = readings.feed ?? readings.setAside?.feed ?? null;
  const priceUsd = Math.max(readings.priceUsd ?? 0, feed?.priceUsd ?? 0);
  const believedUsd = estimates.believed(past, rules);
  return believedUsd === null || priceUsd <= believedUsd ? null : { priceUsd, believedUsd };
}

function riseFault({ priceUsd, believedUsd }: PriceRise): Fault {
  const seen = `${priceUsd.toPrecision(6)} USD, of which new loans count ${believedUsd.toPrecision(6)}`;
  return fault("RISEN", "price", seen);
}

/** How far the feed is from the market, set aside or not, for lenders lend against it; at most the limit beyond which that is a fault. */
function oracleDeviation({ feed: own, setAside, priceUsd }: Readings, limit: number): number {
  const feed = own ?? setAside?.feed ?? null;
  return feed === null || priceUsd === null ? 0 : Math.min(limit, Math.abs(feed.priceUsd / priceUsd - 1));
}

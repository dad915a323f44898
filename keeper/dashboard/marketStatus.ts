import { agesFrom, HOUR_SECONDS } from "../domain/calendar.ts";
import { NEVER_LAPSES, tokensOf } from "../domain/contract.ts";
import { dataState, type OnChainMarket, REASONS } from "../domain/decision.ts";
import { haircutToBpsUp } from "../domain/numbers.ts";
import type { PositionSums } from "../domain/position.ts";
import { arrivalStatus } from "./arrivals.ts";
import { rampOf } from "./ramp.ts";
import { sourceHealth } from "./sourceHealth.ts";
import type { Explanation, LimitStatus, MarketStatus, PositionsStatus, SeriesPoint } from "./status.ts";

/** One market as the status page shows it, from one explanation; haircuts in basis points. */
export function marketStatus(explanation: Explanation): MarketStatus {
  const { assessment, waterfalls, onChain } = explanation;
  const { readings, risk, target, decision, now } = assessment;
  const { used, implied, riskNeutral, index, har, ewma, longRun, level, binding } = risk.volatility;
  return {
    market: assessment.market,
    time: now,
    asOf: readings.asOf,
    priceUsd: readings.priceUsd,
    volatility: { used, implied, riskNeutral, index, har, ewma, longRun, level, binding },
    depthUsd: risk.depth.robustUsd,
    confidence: risk.confidence,
    dataState: dataState(assessment),
    target: { initialBps: haircutToBpsUp(target.initial), maintenanceBps: haircutToBpsUp(target.maintenance) },
    exposureLimit: limitStatus(explanation),
    arrivals: arrivalStatus(explanation),
    onChain:
      onChain === null
        ? null
        : {
            initialBps: onChain.initialBps,
            maintenanceBps: onChain.maintenanceBps,
            maintenanceTargetBps: onChain.maintenanceTargetBps,
            mode: onChain.mode,
            modeUntil: onChain.mode === "NORMAL" || onChain.modeUntil >= NEVER_LAPSES ? null : onChain.modeUntil,
            classId: onChain.classId,
            exposureLimitTokens: Number(tokensOf(onChain.limit)),
            spentBps: onChain.spentBps,
            bounds: boundsOf(onChain),
            ramp: rampOf(onChain, now),
            tightenOnly: onChain.writer.tightenOnly || onChain.classHeldUntil > now,
            asOf: onChain.asOf,
            ttlSeconds: onChain.limits.ttlHours * HOUR_SECONDS,
            agesFrom: agesFrom(onChain),
            stale: now - agesFrom(onChain) > onChain.limits.ttlHours * HOUR_SECONDS,
          },
    decision: {
      action: decision.action,
      reasons: decision.reasons.map((code) => ({ code, means: REASONS[code] })),
    },
    waterfalls,
    sources: sourceHealth(assessment),
  };
}

function boundsOf({ limits, lowestLimit, highestLimit }: OnChainMarket) {
  const { minInitialBps, maxInitialBps, minMaintenanceBps, maxMaintenanceBps } = limits;
  return {
    ...{ minInitialBps, maxInitialBps, minMaintenanceBps, maxMaintenanceBps },
    lowestLimitTokens: Number(tokensOf(lowestLimit)),
    highestLimitTokens: Number(tokensOf(highestLimit)),
  };
}

/** What the positions of a market came to at `time`; a price that is not known makes no tokens of the collateral. */
export function positionsStatus(
  sums: PositionSums | undefined,
  { now, readings }: Explanation["assessment"],
): PositionsStatus {
  const { priceUsd } = readings;
  if (sums === undefined) return NOT_WEIGHED;
  if (sums.why !== null) return { ...NOT_WEIGHED, time: now, why: sums.why };
  return {
    time: now,
    collateralTokens: priceUsd === null || !(priceUsd > 0) ? null : sums.collateralUsd / priceUsd,
    debtUsd: sums.debtUsd,
    atRiskUsd: sums.atRiskUsd,
    book: sums.book ?? null,
    why: null,
  };
}

/** Of a market whose update was never weighed. */
export const NOT_WEIGHED: PositionsStatus = {
  ...{ time: null, collateralTokens: null, debtUsd: null, atRiskUsd: null, book: null },
  why: "no update has been weighed against positions yet",
};

/** The exposure limit on its way from the model to what is to be written. */
export function limitStatus({ assessment, model }: Explanation): LimitStatus {
  const { target, proposed, readings } = assessment;
  const { usd, sellableUsd, depthFactor, dueShare, fall } = target.limit;
  const { priceUsd } = readings;
  return {
    targetUsd: usd,
    targetTokens: priceUsd === null || !(priceUsd > 0) ? null : Math.floor(usd / priceUsd),
    ...{ sellableUsd, windowHours: model.liquidationWindowHours, depthFactor, dueShare, fall },
    proposedTokens: Number(tokensOf(proposed.limit)),
    rule: proposed.limitRule,
  };
}

/** One point of the charts, from one explanation. */
export function seriesPoint(explanation: Explanation): SeriesPoint {
  const { assessment, onChain } = explanation;
  return {
    time: assessment.now,
    priceUsd: assessment.readings.priceUsd,
    volatility: assessment.risk.volatility.used,
    targetInitialBps: haircutToBpsUp(assessment.target.initial),
    targetMaintenanceBps: haircutToBpsUp(assessment.target.maintenance),
    onChainInitialBps: onChain?.initialBps ?? null,
    onChainMaintenanceBps: onChain?.maintenanceBps ?? null,
    targetExposureLimitTokens: limitStatus(explanation).targetTokens,
    onChainExposureLimitTokens: onChain === null ? null : Number(tokensOf(onChain.limit)),
  };
}

import { marketStatus } from "../../dashboard/marketStatus.ts";
import type { Explanation } from "../../dashboard/status.ts";
import type { HaircutBreakdown, TargetTerms } from "../../domain/decision.ts";
import { sensitivity, whatWouldMove } from "../../model/explain/sensitivity.ts";
import { REACH_BPS } from "./moveLines.ts";

/** The whole reasoning about one market with stable field names; fields and units in JSON.md. */
export function explainJson(explanation: Explanation) {
  const { risk, target, proposed, decision } = explanation.assessment;
  const status = marketStatus(explanation);
  const { depth, volatility } = risk;
  return {
    ...status,
    volatility: { ...status.volatility, pooled: volatility.pooled, multiplier: volatility.multiplier },
    depth: {
      maxSlippage: depth.maxSlippage,
      nowUsd: depth.nowUsd,
      robustUsd: depth.robustUsd,
      binding: depth.binding,
      historyHours: depth.historyHours,
    },
    tail: { historical: risk.tail.historical, riskNeutral: risk.tail.riskNeutral },
    dailyVolumeUsd: risk.dailyVolumeUsd,
    oracleDeviation: risk.oracleDeviation,
    sensitivities: sensitivity(risk, explanation.model),
    reach: whatWouldMove(risk, explanation.model, REACH_BPS),
    maintenance: terms(target.maintenanceTerms),
    initial: terms(target.initialTerms),
    proposed: {
      initialBps: proposed.initialBps,
      maintenanceTargetBps: proposed.maintenanceTargetBps,
      adjustments: proposed.adjustments.map(({ side, rule, fromBps, toBps }) => ({ side, rule, fromBps, toBps })),
    },
    decision: {
      ...status.decision,
      initialBps: decision.initialBps,
      maintenanceTargetBps: decision.maintenanceTargetBps,
      asOf: decision.asOf,
      confidence: decision.confidence,
      sources: decision.sources,
      breaker: decision.breaker,
    },
  };
}

function terms({ current, stressed, longRun, binding }: TargetTerms) {
  return { binding, current: breakdown(current), stressed: breakdown(stressed), longRun: breakdown(longRun) };
}

function breakdown(part: HaircutBreakdown) {
  const { haircut, liquidationThreshold, volatility, multiplier, horizonHours, horizonBinding, slices, sliceUsd } =
    part;
  const { tailMultiple, depthFactor, sizeUsd, dailyVolumeUsd, loss, lossBinding, impact, oracleError } = part;
  const { idiosyncratic, bonus } = part;
  return {
    ...{ haircut, liquidationThreshold, volatility, multiplier, horizonHours, horizonBinding, slices, sliceUsd },
    ...{ tailMultiple, depthFactor, sizeUsd, dailyVolumeUsd, loss, lossBinding, impact, oracleError },
    ...{ idiosyncratic, bonus },
  };
}

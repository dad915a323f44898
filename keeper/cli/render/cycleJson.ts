import { seriesPoint } from "../../dashboard/marketStatus.ts";
import type { CycleSummary } from "../../operations/summary.ts";

/** A cycle as `once`, `dry-run` and `run` print it with `--json`; fields in JSON.md. */
export function cycleJson(cycle: CycleSummary) {
  return {
    time: cycle.time,
    decisions: cycle.entries.map(({ explanation, transaction }) => {
      const { decision, market, readings, risk } = explanation.assessment;
      return {
        market,
        ...seriesPoint(explanation),
        asOf: readings.asOf,
        depthUsd: risk.depth.robustUsd,
        confidence: risk.confidence,
        action: decision.action,
        reasons: decision.reasons,
        decidedInitialBps: decision.initialBps,
        decidedMaintenanceTargetBps: decision.maintenanceTargetBps,
        breaker: decision.breaker,
        transaction: transaction === null ? null : { hash: transaction.hash, status: transaction.status },
      };
    }),
    failures: cycle.failures.map(({ market, message }) => ({ market, message })),
  };
}

import { arrivalStatus, underWay } from "../../dashboard/arrivals.ts";
import { seriesPoint } from "../../dashboard/marketStatus.ts";
import type { CycleSummary } from "../../operations/summary.ts";
import type { Output } from "../output.ts";
import { renderDecisionHeader, renderDecisionLine } from "./decisionLine.ts";

/** Decision lines between two headers. */
const HEADER_EVERY = 40;

/**
 * A writer of cycles: one readable line per decision under a repeated header, or one JSON line per cycle. A chain id where
 * several chains run.
 */
export function decisionLog(output: Output): (cycle: CycleSummary, chainId?: number) => void {
  let lines = 0;
  return (cycle, chainId) => {
    if (output.json) {
      output.event({ ...(chainId === undefined ? {} : { chainId }), ...cycleJson(cycle) }, () => "");
      return;
    }
    if (chainId !== undefined) output.note(`chain ${chainId}:`);
    for (const entry of cycle.entries) {
      if (lines % HEADER_EVERY === 0) output.note(renderDecisionHeader(output.colour));
      output.note(renderDecisionLine(entry, output.colour));
      for (const words of underWay(arrivalStatus(entry.explanation))) output.note(`  ${words}`);
      lines += 1;
    }
    for (const { market, message } of cycle.failures) output.note(`  ${market}: ${message}`);
  };
}

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
        underWay: underWay(arrivalStatus(explanation)),
        transaction,
      };
    }),
    failures: cycle.failures,
  };
}

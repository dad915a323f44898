import { agesFrom, DAY_SECONDS, HOUR_SECONDS, minuteOf } from "../domain/calendar.ts";
import { MOST_CONFIDENCE } from "../domain/contract.ts";
import type { Decision, MarketHistory, OnChainMarket, Proposed, Reason } from "../domain/decision.ts";
import type { PolicyParameters } from "../domain/parameters.ts";

/** What `decide` needs to know besides the proposal. */
type DecideContext = {
  readonly now: number;
  readonly asOf: number;
  readonly confidence: number;
  readonly sources: number;
  readonly onChain: OnChainMarket;
  readonly history: MarketHistory;
  /** Reasons why loosening was held back while making the proposal. */
  readonly blockers: readonly Reason[];
  /** False when price or depth is missing: nothing is written and the chain's own staleness tightens initial. */
  readonly usable: boolean;
  /** True when the model would loosen by at least the dead band. */
  readonly wouldLoosen: boolean;
};

/**
 * Hold or submit, with every reason. Times are compared by the minute, as the contract does: with data that is not newer,
 * and while governance holds the values, only a tightening is sent. Compares with what *will be* on chain (pending included). A
 * tightening of the dead band or more is submitted at once, whatever else holds, and a smaller one of initial where another key
 * has loosened below what this keeper wrote last; a loosening only when nothing blocks it; otherwise the heartbeat renews the value.
 */
export function decide(proposed: Proposed, context: DecideContext, rules: PolicyParameters): Decision {
  const { onChain, now } = context;
  const from = onChain.pending ?? {
    initialBps: onChain.storedInitialBps,
    maintenanceTargetBps: onChain.maintenanceTargetBps,
    limit: onChain.limit,
    asOf: onChain.asOf,
  };
  const initialRise = proposed.initialBps - from.initialBps;
  const maintenanceRise = proposed.maintenanceTargetBps - from.maintenanceTargetBps;
  const answer = (action: Decision["action"], reasons: readonly Reason[], breaker = false): Decision => ({
    action,
    reasons,
    initialBps: proposed.initialBps,
    maintenanceTargetBps: proposed.maintenanceTargetBps,
    limit: proposed.limit,
    asOf: context.asOf,
    confidence: Math.floor(context.confidence * MOST_CONFIDENCE),
    sources: context.sources,
    breaker,
  });

  if (!context.usable) return answer("hold", ["NO_DATA"]);
  if (onChain.generation === 0) return answer("hold", ["DELISTED"]);
  if (onChain.writer.haltedUntil > now) return answer("hold", ["HALTED"]);

  const reasons: Reason[] = [];
  const newer = minuteOf(context.asOf) > minuteOf(from.asOf);
  const rise = Math.max(initialRise, maintenanceRise);
  if (rise >= rules.deadBandBps || proposed.limit < from.limit) reasons.push("TIGHTEN");
  else if (onChain.heldUntil > now) return answer("hold", ["OVERRIDDEN"]);
  else if (initialRise > 0 && from.initialBps < lastWritten(context)) reasons.push("TAKE_BACK");
  else if (!newer) return answer("hold", [onChain.pending === null ? "NO_NEWER_DATA" : "IN_FLIGHT"]);
  const belowEffective = maintenanceRise < 0 && proposed.maintenanceTargetBps < onChain.maintenanceBps;
  if (initialRise < 0 || belowEffective || proposed.limit > from.limit) reasons.push("LOOSEN");
  else if (maintenanceRise < 0) reasons.push("STOP_RAMP");
  const silence = now - from.asOf;
  if (now - agesFrom({ ...onChain, asOf: from.asOf }) > onChain.limits.ttlHours * HOUR_SECONDS)
    reasons.push("CATCH_UP");
  else if (reasons.length === 0 && silence >= rules.heartbeatSeconds) reasons.push("HEARTBEAT");

  const breaker = initialRise > 0 && riseWithinDay(proposed.initialBps, context) > rules.breakerRiseBpsPerDay;
  if (breaker && reasons.includes("TIGHTEN")) reasons.push("BREAKER");
  const held = context.wouldLoosen ? context.blockers : [];
  if (reasons.length > 0) return answer("submit", [...reasons, ...held], breaker && reasons.includes("TIGHTEN"));
  return answer("hold", held.length > 0 ? held : ["DEAD_BAND"]);
}

/** Initial of the last transaction of this keeper's own journal, bps; 0 when there was none in 24 h. */
function lastWritten({ history }: DecideContext): number {
  return history.initials.at(-1)?.[1] ?? 0;
}

/** Basis points from the lowest stored initial of the last 24 h (now included) up to the proposal. */
function riseWithinDay(initialBps: number, context: DecideContext): number {
  const recent = context.history.initials.filter(([time]) => context.now - time <= DAY_SECONDS).map(([, bps]) => bps);
  return initialBps - Math.min(context.onChain.storedInitialBps, ...recent);
}
